private import CSystemd

/// The service manager's time limit for signs of life.
package enum Watchdog {
    /// The longest time that may pass between two ``ServiceNotification/watchdog`` (WatchdogSec=),
    /// or nil where the manager does not ask this process for them (sd_watchdog_enabled(3)).
    ///
    /// Half of it is the usual period.
    package static func interval() -> Duration? {
        var microseconds: UInt64 = 0
        guard sd_watchdog_enabled(0, &microseconds) > 0 else { return nil }
        return .microseconds(Int64(clamping: microseconds))
    }
}
