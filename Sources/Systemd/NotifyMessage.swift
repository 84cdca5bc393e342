package import Glibc

/// What a process said on a notify socket, and who it is (sd_notify(3)).
package struct NotifyMessage: Sendable, Hashable {
    /// The sender as the kernel vouches for it; the pid is 0 for one outside our pid namespace.
    package struct Sender: Sendable, Hashable {
        package var pid: pid_t
        package var user: uid_t
        package var group: gid_t
    }

    package var sender: Sender
    /// The values by name; of a name that comes twice, the last.
    package var assignments: [String: String]

    /// Reads the lines of a message; those that are not assignments are left out.
    package init(sender: Sender, text: String) {
        self.sender = sender
        assignments = [:]
        for line in text.split(separator: "\n") {
            guard let separator = line.firstIndex(of: "="), separator > line.startIndex else {
                continue
            }
            assignments[String(line[..<separator])] = String(line[line.index(after: separator)...])
        }
    }

    /// Start-up, or a reload, is complete.
    package var isReady: Bool { assignments["READY"] == "1" }
    /// It is shutting down.
    package var isStopping: Bool { assignments["STOPPING"] == "1" }
    /// It reads its configuration again.
    package var isReloading: Bool { assignments["RELOADING"] == "1" }
    /// It is alive.
    package var isWatchdog: Bool { assignments["WATCHDOG"] == "1" }
    /// Its own line for people.
    package var status: String? { assignments["STATUS"] }
    /// The process that it says is its main one.
    package var mainPID: pid_t? { assignments["MAINPID"].flatMap { pid_t($0) } }
    /// How many calls run in it, which it tells while it is used.
    package var runningCalls: Int? { assignments["X_OP_CALLS"].flatMap { Int($0) } }
}
