package import Glibc

/// What the kernel says about a process (/proc/pid/stat of proc(5)).
package struct ProcessStat: Sendable, Hashable {
    /// Field 3: `R` running, `S` sleeping, `Z` ended and not reaped, ...
    package let state: Character
    /// Field 5: the number of its process group.
    package let group: pid_t
    /// Field 22: when it started, in clock ticks since boot, which tells it from another process
    /// that got its pid later.
    package let startTime: UInt64

    /// Whether it has not ended: a zombie has, and waits only for its parent.
    package var isRunning: Bool { state != "Z" && state != "X" }

    /// Reads it.
    ///
    /// - Parameter pid: The process. Nil is the result where there is none, or /proc is not
    ///   mounted.
    package init?(pid: pid_t) {
        guard let file = fopen("/proc/\(pid)/stat", "re") else { return nil }
        defer { fclose(file) }
        var line = [UInt8](repeating: 0, count: 1024)
        let length = fread(&line, 1, line.count, file)
        self.init(line: String(decoding: line.prefix(length), as: UTF8.self))
    }

    /// Reads the file's one line.
    init?(line: String) {
        // Field 2 is the program's name in parentheses, which may hold spaces and parentheses.
        guard let nameEnd = line.lastIndex(of: ")") else { return nil }
        let fields = line[line.index(after: nameEnd)...].split(separator: " ")
        guard fields.count > 19, let state = fields[0].first, let group = pid_t(fields[2]),
            let startTime = UInt64(fields[19])
        else { return nil }
        self.state = state
        self.group = group
        self.startTime = startTime
    }
}
