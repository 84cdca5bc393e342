internal import LinuxIO

/// Tells a peer that only keeps this side busy from one that has work for it (RFC 9113, section 10.5).
///
/// Each thing that costs the peer little and this side more is allowed in a burst, and at a rate that
/// no program reaches by its work. What bounds memory is elsewhere: the limits on streams and header
/// fields, and nghttp2's own on acknowledgements that nobody reads (1000), settings in a frame (32)
/// and CONTINUATION frames in a row (8).
struct FloodGuard {
    /// Something that is cheap to cause.
    enum Act: Sendable, CaseIterable {
        /// A client resets a stream, or opens one that has to be refused ("rapid reset", CVE-2023-44487).
        case reset
        /// The peer makes this side reset a stream ("made you reset", CVE-2025-8671; header fields without end).
        case offence
        /// Frames that carry no call on: PING, PRIORITY, WINDOW_UPDATE, DATA without data, and resets by a server of streams
        /// that are gone.
        case idleFrame
        /// SETTINGS, which may change every stream.
        case settings

        /// What is said of a peer that overdoes it.
        var complaint: String {
            switch self {
            case .reset: "it resets calls, or opens too many, faster than they can end"
            case .offence: "it breaks the protocol on one stream after another"
            case .idleFrame:
                "it floods PING, PRIORITY, WINDOW_UPDATE or empty DATA frames, and makes few calls"
            case .settings: "it floods SETTINGS frames"
            }
        }
    }

    private var resets: TokenBucket
    private var offences: TokenBucket
    private var idleFrames: TokenBucket
    /// Idle frames that are paid for by frames of calls.
    private var credit = 0

    /// Resets in a second, beyond a burst.
    private static let resetsPerSecond = 1000
    /// Offences in a burst: a program that is merely wrong hears of each before the connection ends.
    private static let offenceBurst = 100
    private static let offencesPerSecond = 10
    private static let idleFrameBurst = 10_000
    private static let idleFramesPerSecond = 1000
    /// A SETTINGS frame counts as so many: a new window size is carried into each open stream.
    private static let settingsWeight = 10
    /// A frame of a call pays for so many others: window updates and bandwidth probes come with data.
    private static let creditPerProgress = 10
    /// A long life is no credit without end.
    private static let creditLimit = 100_000

    /// Creates a guard for a connection that begins.
    ///
    /// - Parameters:
    ///   - maximumConcurrentStreams: That the peer may open; all of them may be cancelled at once, and again.
    ///   - now: The present.
    init(maximumConcurrentStreams: Int, at now: MonotonicInstant) {
        resets = TokenBucket(
            capacity: max(2 * maximumConcurrentStreams, Self.resetsPerSecond),
            tokensPerSecond: Self.resetsPerSecond, at: now)
        offences = TokenBucket(
            capacity: Self.offenceBurst, tokensPerSecond: Self.offencesPerSecond, at: now)
        idleFrames = TokenBucket(
            capacity: Self.idleFrameBurst, tokensPerSecond: Self.idleFramesPerSecond, at: now)
    }

    /// Notes frames that carry calls on, in either direction.
    mutating func noteProgress(_ frames: Int = 1) {
        credit = min(credit + frames * Self.creditPerProgress, Self.creditLimit)
    }

    /// Decides whether the peer may go on after something that it did.
    ///
    /// - Parameters:
    ///   - act: What it did.
    ///   - now: The present; asked for only where it matters.
    /// - Returns: False where it is too much.
    mutating func admits(_ act: Act, at now: @autoclosure () -> MonotonicInstant) -> Bool {
        switch act {
        case .reset: resets.take(at: now())
        case .offence: offences.take(at: now())
        case .idleFrame: admitsIdleFrames(1, at: now())
        case .settings: admitsIdleFrames(Self.settingsWeight, at: now())
        }
    }

    private mutating func admitsIdleFrames(
        _ count: Int, at now: @autoclosure () -> MonotonicInstant
    ) -> Bool {
        if credit >= count {
            credit -= count
            return true
        }
        return idleFrames.take(count, at: now())
    }
}
