package import Glibc

/// When a process started, which tells it from another one that got its pid later.
package enum ProcessStartTime {
    /// Field 22 of /proc/pid/stat: clock ticks since boot.
    ///
    /// - Returns: Nil where there is no such process.
    package static func read(of pid: pid_t) -> UInt64? {
        guard let file = fopen("/proc/\(pid)/stat", "re") else { return nil }
        defer { fclose(file) }
        var line = [UInt8](repeating: 0, count: 1024)
        let length = fread(&line, 1, line.count, file)
        let text = String(decoding: line.prefix(length), as: UTF8.self)
        // Field 2 is the program's name in parentheses, which may hold spaces and parentheses.
        guard let nameEnd = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: nameEnd)...].split(separator: " ")
        return fields.count > 19 ? UInt64(fields[19]) : nil
    }
}
