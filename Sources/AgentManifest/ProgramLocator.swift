import Glibc

/// Finds the program that a manifest names.
package struct ProgramLocator: Sendable {
    private let directories: [String]

    /// Searches beside a program of the fleet, then in `../libexec/op-agents`, then in the PATH.
    ///
    /// - Parameters:
    ///   - executableDirectory: The directory of the running program.
    ///   - path: The PATH of the environment; empty elements are ignored, since the working
    ///     directory is no place to take programs from.
    package init(executableDirectory: String, path: String) {
        directories =
            [executableDirectory, executableDirectory + "/../libexec/op-agents"]
            + path.split(separator: ":").filter { $0.hasPrefix("/") }.map(String.init)
    }

    /// The directory of the running program, symbolic links resolved.
    package static var ownDirectory: String {
        guard let path = realpath("/proc/self/exe", nil) else { return "/usr/bin" }
        defer { free(path) }
        return TextFile.directory(of: String(cString: path))
    }

    /// Finds a program.
    ///
    /// - Parameters:
    ///   - name: Its name, or its path if there is a `/` in it.
    ///   - directory: Where a relative path starts.
    /// - Returns: Its absolute path, or why there is none.
    package func locate(_ name: String, relativeTo directory: String) -> Result<String, Failure> {
        guard name.contains("/") else {
            let candidates = directories.map { $0 + "/" + name }
            guard let found = candidates.first(where: Self.isProgram) else {
                return .failure(Failure(reason: "\(name) is in none of \(searched)"))
            }
            return .success(found)
        }
        let path = name.hasPrefix("/") ? name : directory + "/" + name
        guard Self.isProgram(path) else {
            let reason =
                access(path, F_OK) == 0
                ? "\(path) is not an executable file" : "\(path) does not exist"
            return .failure(Failure(reason: reason))
        }
        return .success(path)
    }

    /// Why a program was not found.
    package struct Failure: Error, Equatable, Sendable {
        /// Half a sentence.
        package let reason: String
    }

    private var searched: String { directories.joined(separator: ", ") }

    private static func isProgram(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
            && access(path, X_OK) == 0
    }
}
