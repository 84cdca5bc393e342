private import Glibc

/// A file that the kernel makes up as it is read (proc(5)), so its length is not known before.
enum ProcFile {
    /// All that a file holds; nothing where there is no such file, or it may not be read.
    static func bytes(_ path: String) -> [UInt8] {
        guard let file = fopen(path, "re") else { return [] }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 {
            bytes += chunk.prefix(count)
        }
        return bytes
    }
}
