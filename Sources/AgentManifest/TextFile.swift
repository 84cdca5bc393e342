import Glibc

/// Reads small text files.
enum TextFile {
    /// No configuration is larger; a larger file is a mistake in the path.
    private static let largest = 4 << 20

    /// Reads a whole file.
    ///
    /// - Parameter path: The file's path.
    /// - Returns: Its text.
    /// - Throws: What kept it from being read: its absence, its permissions, its size or its encoding.
    static func read(_ path: String) throws(ConfigurationProblem) -> String {
        guard let stream = fopen(path, "re") else { throw problem(path, reason: reason(errno)) }
        defer { fclose(stream) }
        var bytes = [UInt8](repeating: 0, count: 16 << 10)
        var text: [UInt8] = []
        while true {
            let count = fread(&bytes, 1, bytes.count, stream)
            text += bytes[..<count]
            if count < bytes.count { break }
            guard text.count <= largest else {
                throw problem(path, reason: "larger than 4 MiB; name a configuration file")
            }
        }
        guard ferror(stream) == 0 else { throw problem(path, reason: reason(errno)) }
        guard let string = String(validating: text, as: UTF8.self) else {
            throw problem(path, reason: "not UTF-8; save it in that encoding")
        }
        return string
    }

    /// Whether something is there, readable or not.
    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// The directory part of a path.
    static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return String(path[..<slash])
    }

    private static func problem(_ path: String, reason: String) -> ConfigurationProblem {
        ConfigurationProblem(
            file: path, line: nil, key: nil, message: "cannot read the file: \(reason)")
    }

    private static func reason(_ code: Int32) -> String {
        switch code {
        case ENOENT: "it does not exist; create it or name another"
        case EACCES: "permission denied; make it readable for the supervisor's user"
        case EISDIR: "it is a directory; name a file in it"
        default: String(cString: strerror(code))
        }
    }
}
