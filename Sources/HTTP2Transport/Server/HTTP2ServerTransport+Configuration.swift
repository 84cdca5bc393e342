internal import GRPCCore
public import LinuxIO

extension HTTP2ServerTransport {
    /// Where a server listens.
    public enum Listener: Sendable, Hashable {
        /// Binds this address.
        case address(SocketAddress)
        /// Takes over a descriptor that listens already, as systemd or a supervisor passes it; it is the
        /// transport's from then on.
        case descriptor(CInt)
    }

    /// What a server allows, and how long it waits.
    public struct Configuration: Sendable, Hashable {
        /// The longest message that is read, in bytes; a longer one is RESOURCE_EXHAUSTED.
        ///
        /// 4 MiB by default.
        public var maximumMessageSize = 4 << 20
        /// Compressed requests are read, and responses compressed where a handler asks for it
        /// (``HTTP2ServerTransport/Context/responseCompression``).
        ///
        /// With gzip enabled, and nothing compressed by default.
        public var compression = MessageCompression(enabledAlgorithms: [.none, .gzip])
        /// Calls that one connection may have open at once; further ones wait at the client.
        ///
        /// One that is opened nevertheless is refused (REFUSED_STREAM). Handlers that still run after their
        /// call was reset count too: with twice as many, calls are refused until some have ended. 2000 by
        /// default.
        public var maximumConcurrentStreams: UInt32 = 2000
        /// Bytes that a client may send on a stream before the handler has taken some.
        ///
        /// 256 KiB by default.
        public var streamWindow = 256 << 10
        /// How long calls may go on after a graceful shutdown began, before they are cancelled.
        ///
        /// Nil, the default, lets them go on for ever.
        public var gracePeriod: Duration?
        /// Connections that may wait to be accepted, on addresses that the transport binds.
        ///
        /// 1024 by default.
        public var backlog: CInt = 1024

        /// Whose calls are taken.
        ///
        /// Anyone's, by default, who reaches the sockets.
        public var admittedPeers = PeerPolicy.anyone

        /// Connections that are open at once; one more is told so (GOAWAY, ENHANCE_YOUR_CALM) and closed.
        ///
        /// 16,384 by default. The process needs as many descriptors (RLIMIT_NOFILE); where they run out before,
        /// connections wait in the backlog.
        public var maximumConnections = 16_384
        /// How long a client may take from connecting to the end of HTTP/2's preface and its SETTINGS.
        ///
        /// 10 s by default.
        public var handshakeTimeout = Duration.seconds(10)
        /// How a silent client is noticed; nil, the default, waits for it for ever.
        ///
        /// The kernel tells of a local client that has ended. One that is stopped costs no more than its limits
        /// allow, and is to find its calls when it goes on. Over a network that may be cut, set it.
        public var keepalive: Keepalive?
        /// How long a connection may have no call before its client is asked to leave (GOAWAY, NO_ERROR); it may
        /// take up to twice as long.
        ///
        /// Nil, the default, lets it stay: an idle connection is cheaper than a new one.
        public var idleTimeout: Duration?
        /// How long a connection may live before its client is asked to make a new one (GOAWAY, NO_ERROR); calls
        /// that run may finish.
        ///
        /// Nil, the default, lets it live for ever.
        public var maximumConnectionAge: Duration?

        /// Creates the default configuration.
        public init() {}
    }
}
