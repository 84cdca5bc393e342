import Glibc
import SwiftProtobuf

/// The time of day, for showing it and for counting from it.
enum WallClock {
    /// The present moment.
    static var now: Google_Protobuf_Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Google_Protobuf_Timestamp(seconds: Int64(time.tv_sec), nanos: Int32(time.tv_nsec))
    }

    /// How long ago a moment was; negative where it is to come.
    ///
    /// - Parameters:
    ///   - moment: The moment.
    ///   - now: The present moment.
    /// - Returns: The duration from one to the other.
    static func time(
        since moment: Google_Protobuf_Timestamp, at now: Google_Protobuf_Timestamp
    ) -> Duration {
        .seconds(now.seconds - moment.seconds)
            + .nanoseconds(Int64(now.nanos) - Int64(moment.nanos))
    }

    /// The time of day here, to the millisecond: `14:05:09.123`.
    ///
    /// - Parameter moment: The moment.
    /// - Returns: The text.
    static func timeOfDay(_ moment: Google_Protobuf_Timestamp) -> String {
        var seconds = time_t(moment.seconds)
        var fields = tm()
        localtime_r(&seconds, &fields)
        func padded(_ value: Int32, _ width: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let milliseconds = padded(moment.nanos / 1_000_000, 3)
        return
            "\(padded(fields.tm_hour, 2)):\(padded(fields.tm_min, 2)):\(padded(fields.tm_sec, 2))"
            + ".\(milliseconds)"
    }
}
