package import Glibc

/// Something that a service tells its service manager (sd_notify(3)).
package enum ServiceNotification: Sendable, Hashable {
    /// Start-up, or a reload, is complete.
    case ready
    /// A line for people, shown by `systemctl status`.
    case status(String)
    /// The service is shutting down.
    case stopping
    /// The configuration is being read again; `ready` ends it.
    case reloading
    /// The service is alive: due at least every ``Watchdog/interval()``.
    case watchdog
    /// The service failed in a way that the watchdog's time limit should not wait for.
    case watchdogTrigger
    /// Another process is the main one.
    case mainPID(pid_t)
    /// Start, stop or reload takes longer than configured: at least this long from now.
    case extendTimeout(Duration)
    /// The error that is to be shown as the reason of a failure.
    case errorNumber(CInt)
    /// So many calls run; telling it even with 0 says that some ran just now.
    ///
    /// For op-supervisor; systemd ignores names that begin with X_ (sd_notify(3)).
    case runningCalls(Int)

    /// The lines of the protocol, without a final line feed.
    var assignments: String {
        switch self {
        case .ready: "READY=1"
        // A line feed would begin another assignment.
        case .status(let text):
            "STATUS=\(text.split(whereSeparator: \.isNewline).joined(separator: " "))"
        case .stopping: "STOPPING=1"
        // The time tells the manager which READY=1 ends this reload (Type=notify-reload).
        case .reloading: "RELOADING=1\nMONOTONIC_USEC=\(Self.monotonicMicroseconds())"
        case .watchdog: "WATCHDOG=1"
        case .watchdogTrigger: "WATCHDOG=trigger"
        case .mainPID(let pid): "MAINPID=\(pid)"
        case .extendTimeout(let duration): "EXTEND_TIMEOUT_USEC=\(duration.microseconds)"
        case .errorNumber(let number): "ERRNO=\(number)"
        case .runningCalls(let count): "X_OP_CALLS=\(count)"
        }
    }

    private static func monotonicMicroseconds() -> UInt64 {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return UInt64(now.tv_sec) * 1_000_000 + UInt64(now.tv_nsec) / 1_000
    }
}

extension Duration {
    /// Whole microseconds, rounded down.
    fileprivate var microseconds: Int64 {
        components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
    }
}
