internal import Supervision
internal import SwiftProtobuf

private import Glibc

/// Turns instants of the monotonic clock into the times of day that people read.
struct WallTimes {
    private let now: Instant
    private let wallNanoseconds: Int64

    /// Compares the two clocks.
    ///
    /// - Parameter now: The present on the monotonic clock.
    init(now: Instant) {
        self.now = now
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        wallNanoseconds = Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// When an instant was, or will be if nobody sets the clock.
    func timestamp(of instant: Instant) -> Google_Protobuf_Timestamp {
        let nanoseconds = wallNanoseconds + (instant.nanoseconds - now.nanoseconds)
        return Google_Protobuf_Timestamp(
            seconds: nanoseconds / 1_000_000_000, nanos: Int32(nanoseconds % 1_000_000_000))
    }
}
