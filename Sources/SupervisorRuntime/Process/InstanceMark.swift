internal import Glibc
internal import LinuxIO

/// Tells which instance of an agent a process belongs to: a variable that the instance is started with,
/// and that all it starts inherits unless somebody clears the environment.
struct InstanceMark: Sendable, Hashable, CustomStringConvertible {
    /// The variable's name.
    static let variable = "OP_AGENT_INSTANCE"

    /// The variable's value.
    let description: String

    /// Marks a new instance.
    ///
    /// - Parameters:
    ///   - number: Counts the instances that this process has started.
    ///   - agent: The agent's name.
    init(instance number: UInt64, of agent: String) {
        // Ours among those of other supervisors, one of which may run below this one.
        description = "\(agent).\(getpid()).\(number)"
    }

    /// Reads the mark that a process was started with (/proc/pid/environ of proc(5)).
    ///
    /// - Parameter pid: The process. Nil is the result where it has no mark, has ended, or has become
    ///   another user.
    init?(of pid: pid_t) {
        let prefix = Array("\(Self.variable)=".utf8)
        let entries = ProcFile.bytes("/proc/\(pid)/environ").split(separator: 0)
        guard let entry = entries.first(where: { $0.starts(with: prefix) }) else { return nil }
        description = String(decoding: entry.dropFirst(prefix.count), as: UTF8.self)
    }
}
