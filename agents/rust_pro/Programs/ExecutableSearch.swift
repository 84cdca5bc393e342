private import Glibc

/// Finds programs by their names, as a shell does.
struct ExecutableSearch: Sendable {
    /// In the order in which they are searched.
    let directories: [String]

    /// Creates a search.
    ///
    /// - Parameter path: Directories separated by colons; relative ones are left out.
    init(path: String) {
        directories = path.split(separator: ":").map(String.init).filter { $0.hasPrefix("/") }
    }

    /// The absolute path of a program; nil where there is none.
    func find(_ name: String) -> String? {
        directories.lazy.map { "\($0)/\(name)" }.first(where: Self.isExecutable)
    }

    /// Whether there is a file that may be executed.
    static func isExecutable(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
            && access(path, X_OK) == 0
    }
}
