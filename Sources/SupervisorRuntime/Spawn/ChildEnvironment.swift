private import Glibc

/// The environment that the children of a service start from.
package enum ChildEnvironment {
    /// What a service manager says to this process alone.
    ///
    /// A child that took it for its own would adopt descriptors that it does not have, report our
    /// readiness, or feed our watchdog.
    private static let meantForUsAlone: Set<String> = [
        "LISTEN_PID", "LISTEN_PIDFDID", "LISTEN_FDS", "LISTEN_FDNAMES", "NOTIFY_SOCKET",
        "WATCHDOG_PID", "WATCHDOG_USEC", "MAINPID", "SYSTEMD_EXEC_PID", "JOURNAL_STREAM",
        Spawner.lifelineVariable,
    ]

    /// A copy of an environment without what is meant for this process alone.
    ///
    /// - Parameter variables: By default this process's own.
    /// - Returns: What is left.
    package static func inherited(from variables: [String: String] = own()) -> [String: String] {
        variables.filter { !meantForUsAlone.contains($0.key) }
    }

    /// The environment of this process; of a variable that is there twice, the first.
    package static func own() -> [String: String] {
        var variables: [String: String] = [:]
        var next = environ
        while let entry = next.pointee {
            let parts = String(cString: entry).split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2, variables[String(parts[0])] == nil {
                variables[String(parts[0])] = String(parts[1])
            }
            next += 1
        }
        return variables
    }
}
