internal import Glibc

/// The children of the calling process that have not ended, those that it inherited as a subreaper included.
///
/// The pids mean what they say until the caller reaps: a child's number is not given away before that.
enum DirectChildren {
    /// Their pids, as proc(5) lists them.
    static func list() -> [pid_t] {
        guard let directory = opendir("/proc") else { return [] }
        defer { closedir(directory) }
        var children: [pid_t] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
                name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if let pid = pid_t(name), isLivingChild(pid) { children.append(pid) }
        }
        return children
    }

    private static func isLivingChild(_ pid: pid_t) -> Bool {
        guard let file = fopen("/proc/\(pid)/stat", "re") else { return false }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 512)
        guard fgets(&line, CInt(line.count), file) != nil else { return false }
        let text = String(
            decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        // pid (name) state ppid ...: a name may hold anything, spaces and parentheses too.
        guard let nameEnd = text.lastIndex(of: ")") else { return false }
        let fields = text[nameEnd...].dropFirst().split(separator: " ", maxSplits: 2)
        return fields.count > 1 && fields[0] != "Z" && pid_t(fields[1]) == getpid()
    }
}
