private import Glibc

/// A file that the kernel makes up as it is read (proc(5), cgroups(7)), so its length is not known before.
package enum ProcFile {
    /// All that a file holds.
    ///
    /// - Parameter path: The file.
    /// - Returns: Nothing where there is no such file, or it may not be read.
    package static func bytes(_ path: String) -> [UInt8] {
        guard let file = fopen(path, "re") else { return [] }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 {
            bytes += chunk.prefix(count)
        }
        return bytes
    }

    /// The same as text.
    ///
    /// - Parameter path: The file.
    /// - Returns: Nothing where there is no such file, or it may not be read.
    package static func text(_ path: String) -> String {
        String(decoding: bytes(path), as: UTF8.self)
    }
}
