private import Glibc

/// What a process takes of the machine (proc(5)).
struct ProcessUsage: Equatable {
    /// Its resident memory.
    let residentBytes: UInt64
    /// The CPU time of its threads, in user and kernel mode.
    let cpuMicroseconds: UInt64

    /// Reads /proc/pid/stat.
    ///
    /// - Parameter pid: The process.
    /// - Returns: `nil` if there is no such process.
    static func read(of pid: Int32) -> ProcessUsage? {
        guard let file = fopen("/proc/\(pid)/stat", "re") else { return nil }
        defer { fclose(file) }
        var line = [UInt8](repeating: 0, count: 1024)
        let length = fread(&line, 1, line.count, file)
        return parse(
            String(decoding: line.prefix(length), as: UTF8.self),
            ticksPerSecond: UInt64(max(1, sysconf(CInt(_SC_CLK_TCK)))),
            pageSize: UInt64(max(1, sysconf(CInt(_SC_PAGESIZE)))))
    }

    /// Reads fields 14 (utime), 15 (stime) and 24 (rss) of a line of /proc/pid/stat.
    static func parse(_ line: String, ticksPerSecond: UInt64, pageSize: UInt64) -> ProcessUsage? {
        // Field 2 is the program's name in parentheses, which may hold spaces and parentheses.
        guard let nameEnd = line.lastIndex(of: ")") else { return nil }
        let fields = line[line.index(after: nameEnd)...].split(separator: " ")
        guard fields.count > 21, let user = UInt64(fields[11]), let system = UInt64(fields[12]),
            let pages = UInt64(fields[21])
        else { return nil }
        return ProcessUsage(
            residentBytes: pages * pageSize,
            cpuMicroseconds: (user + system) * 1_000_000 / ticksPerSecond)
    }
}
