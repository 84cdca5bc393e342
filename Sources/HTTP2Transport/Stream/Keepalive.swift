/// How a side makes sure that a silent peer is still there (gRFC A8 and A9).
///
/// A peer whose process has ended is noticed without it, as its kernel says so. What remains is a peer
/// that is stopped or stuck, or a network that is cut.
public struct Keepalive: Sendable, Hashable {
    /// How long nothing at all arrives before a PING is sent; it may take up to twice as long.
    ///
    /// 10 s by default.
    public var time: Duration
    /// How long the answer to a PING, or anything else, may take before the connection is closed.
    ///
    /// 10 s by default.
    public var timeout: Duration
    /// The time between PINGs to a peer that answers them and says nothing else, until a call begins.
    ///
    /// 5 min by default, which is as often as gRPC's servers suffer it from a client that waits for one
    /// long call; after a third PING within less they end the connection ("too_many_pings").
    public var quietTime: Duration
    /// Whether it applies while no call is open, too.
    ///
    /// False by default: a connection that nobody uses wakes nobody up.
    public var permitWithoutCalls: Bool

    /// Creates settings.
    ///
    /// - Parameters:
    ///   - time: How long nothing at all arrives before a PING is sent.
    ///   - timeout: How long its answer may take.
    ///   - quietTime: The time between PINGs to a peer that says nothing else.
    ///   - permitWithoutCalls: Whether it applies while no call is open, too.
    public init(
        time: Duration = .seconds(10), timeout: Duration = .seconds(10),
        quietTime: Duration = .seconds(300), permitWithoutCalls: Bool = false
    ) {
        self.time = time
        self.timeout = timeout
        self.quietTime = quietTime
        self.permitWithoutCalls = permitWithoutCalls
    }
}
