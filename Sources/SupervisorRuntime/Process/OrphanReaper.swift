private import FoundationEssentials
private import Glibc
internal import LinuxIO

/// Reaps processes whose agents have left them behind, and ends those that still run.
///
/// The supervisor is the reaper of its descendants (PR_SET_CHILD_SUBREAPER): when an agent is killed,
/// what it had started becomes a child of the supervisor, which knows it by not having started it.
/// Belongs to the event loop's thread, where children are started too: so a child that is just being
/// started is never taken for an orphan.
package struct OrphanReaper: Sendable {
    /// Whether a child is an instance of an agent, which its own watcher reaps.
    let isInstance: @Sendable (Int32) -> Bool

    /// Reaps the orphans that have ended.
    package func reap() {
        for pid in Self.children() where !isInstance(pid) {
            waitpid(pid, nil, WNOHANG)
        }
    }

    /// Kills every orphan; what those leave behind is orphaned in turn, and found by its own SIGCHLD.
    func kill() {
        for pid in Self.children() where !isInstance(pid) {
            Glibc.kill(pid, SIGKILL)
            waitpid(pid, nil, WNOHANG)
        }
    }

    /// The children of all threads of this process (proc(5), /proc/pid/task/tid/children).
    static func children() -> [Int32] {
        let tasks = "/proc/self/task"
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: tasks)) ?? []
        return threads.flatMap { thread -> [Int32] in
            guard let file = fopen("\(tasks)/\(thread)/children", "re") else { return [] }
            defer { fclose(file) }
            var text: [UInt8] = []
            var chunk = [UInt8](repeating: 0, count: 4096)
            while case let count = fread(&chunk, 1, chunk.count, file), count > 0 {
                text += chunk.prefix(count)
            }
            return String(decoding: text, as: UTF8.self).split(separator: " ").compactMap {
                Int32($0)
            }
        }
    }
}
