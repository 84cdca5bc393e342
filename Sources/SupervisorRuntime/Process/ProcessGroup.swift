internal import Glibc

/// A process group of our own making, by the number of the child that leads it.
///
/// The number means this group as long as the leader is not reaped, or a member is left.
struct ProcessGroup {
    let id: pid_t

    /// Sends SIGKILL to all of its members.
    func kill() {
        // Fails only for a group that is gone, or one whose members are all other users'.
        _ = Glibc.kill(-id, SIGKILL)
    }

    /// Whether it has members, be they running or only not reaped by their parent.
    var exists: Bool { Glibc.kill(-id, 0) == 0 || errno != ESRCH }

    /// Whether it has members that have not ended.
    ///
    /// Reads all of /proc: some milliseconds.
    var isRunning: Bool {
        guard let directory = opendir("/proc") else { return exists }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard let pid = pid_t(name), let stat = ProcessStat(pid: pid) else { continue }
            if stat.group == id, stat.isRunning { return true }
        }
        return false
    }
}
