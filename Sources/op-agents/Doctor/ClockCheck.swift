import Glibc

/// Whether the clock can be right: leases, times of log lines and certificates go by it.
struct ClockCheck: Check {
    /// Seconds since 1970.
    let now: Int64
    /// Whether the kernel's clock is kept right by somebody; `nil` where that is not known.
    let isSynchronized: Bool?

    /// 2026-01-01T00:00:00Z: no machine that runs this is older than this was written.
    private static let earliest: Int64 = 1_767_225_600

    func findings() -> [Finding] {
        guard now >= Self.earliest else {
            return [
                .error(
                    "clock", "says that it is \(now) s after 1970, before this program was written",
                    remedy: "timedatectl set-ntp true, or date --set")
            ]
        }
        switch isSynchronized {
        case true: return [.ok("clock", "synchronized")]
        case false:
            return [
                .warning(
                    "clock", "is not synchronized: times in logs may be wrong",
                    remedy: "timedatectl set-ntp true")
            ]
        case nil: return [.ok("clock", "whether it is synchronized, only systemd would know")]
        }
    }
}

extension ClockCheck {
    /// Reads the clock, and asks systemd about it.
    init() {
        now = Int64(time(nil))
        let answer = ProgramOutput.text([
            "timedatectl", "show", "--property", "NTPSynchronized", "--value",
        ])
        isSynchronized = answer.map { $0.hasPrefix("yes") }
    }
}
