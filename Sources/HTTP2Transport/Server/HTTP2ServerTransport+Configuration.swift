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
        /// 2000 by default.
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

        /// Creates the default configuration.
        public init() {}
    }
}
