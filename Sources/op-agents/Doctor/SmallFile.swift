import Glibc

/// Reads what the kernel and the system say in small files.
enum SmallFile {
    /// Reads a file to its end; those of /proc have no size.
    ///
    /// - Parameter path: The file.
    /// - Returns: Its text; `nil` where there is none, or it may not be read.
    static func text(_ path: String) -> String? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        return text(file)
    }

    /// Reads a stream to its end.
    ///
    /// - Parameter file: The stream.
    /// - Returns: Its text.
    static func text(_ file: UnsafeMutablePointer<FILE>) -> String {
        var text: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 {
            text += chunk.prefix(count)
        }
        return String(decoding: text, as: UTF8.self)
    }
}
