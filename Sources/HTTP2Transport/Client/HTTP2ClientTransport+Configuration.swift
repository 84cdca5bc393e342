public import GRPCCore

extension HTTP2ClientTransport {
    /// What a client allows, and how long it waits.
    public struct Configuration: Sendable, Hashable {
        /// The longest message that is read, in bytes; a longer one is RESOURCE_EXHAUSTED.
        ///
        /// A call's own `maxResponseMessageBytes` comes before it. 4 MiB by default.
        public var maximumMessageSize = 4 << 20
        /// Requests are compressed as the call's options say, and compressed responses are asked for.
        ///
        /// Nothing is enabled by default.
        public var compression = MessageCompression(enabledAlgorithms: .none)
        /// Bytes that the server may send on a stream before the caller has taken some.
        ///
        /// 256 KiB by default.
        public var streamWindow = 256 << 10
        /// How long an attempt to connect may take.
        ///
        /// 5 s by default.
        public var connectTimeout = Duration.seconds(5)
        /// The waits between attempts to connect.
        public var backoff = ConnectionBackoff()
        /// Timeouts, limits, retries and hedging of methods, and the throttling of retries (gRPC, "Service Config").
        ///
        /// A method's own configuration comes before its service's, and that before the one for all methods; a call's
        /// options come before any. Load balancing has no meaning here: there is one target. Empty by default.
        public var serviceConfig = ServiceConfig()
        /// How a silent server is noticed; nil to wait for it for ever.
        ///
        /// By default while calls are open: a server that is stopped (SIGSTOP, a debugger) still has its
        /// kernel accept connections and acknowledge bytes, so a call without a deadline would never end. It
        /// is noticed within 20 to 30 s, and its calls fail with UNAVAILABLE.
        public var keepalive: Keepalive? = Keepalive()
        /// How long no call is open before the connection is closed; it may take up to twice as long, and the
        /// next call makes a new one.
        ///
        /// 30 min by default, as gRPC's channels; nil keeps it.
        public var idleTimeout: Duration? = .seconds(1800)
        /// The last identifier that a connection gives to a stream (RFC 9113, section 5.1.1); its next calls are made on
        /// another one.
        var lastStreamID = Int32.max
        /// `:authority` of requests; nil, the default, derives it from the target.
        public var authority: String?

        /// Creates the default configuration.
        public init() {}
    }
}
