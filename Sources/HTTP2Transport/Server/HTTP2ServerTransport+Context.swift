public import GRPCCore
public import LinuxIO

extension HTTP2ServerTransport {
    /// What a handler can learn of its call, and decide for it, beyond what gRPC's own context says.
    ///
    /// It is the `transportSpecific` part of a `ServerContext`; ``GRPCCore/ServerContext/http2`` is the way to it.
    public struct Context: ServerContext.TransportSpecific {
        let stream: ServerStream

        /// Who calls, as the kernel says.
        ///
        /// Nil over TCP where calls are taken from ``HTTP2ServerTransport/PeerPolicy/anyone``: then nobody asks.
        public var peer: PeerCredentials? { stream.peer }

        /// When the client stops waiting, as its `grpc-timeout` says; nil where it waits for ever.
        ///
        /// The transport keeps it: it answers DEADLINE_EXCEEDED and cancels the handler. The field itself is not in the
        /// metadata; who makes a call for the sake of this one passes on what is left.
        public var deadline: ContinuousClock.Instant? { stream.deadline }

        /// How the messages are compressed that the handler writes from now on.
        ///
        /// It begins as the configuration's default, where the client accepts that, and as `none` otherwise. What is
        /// set has an effect only where the client accepts it and the configuration enables it. A response
        /// declares its compression with its first metadata: what is `none` when the handler returns its
        /// response stays so; otherwise it may change from message to message.
        public var responseCompression: CompressionAlgorithm {
            get { stream.responseCompression }
            nonmutating set { stream.responseCompression = newValue }
        }

        /// How many of the messages that the handler has read came compressed.
        public var compressedRequestMessages: Int { stream.decompressedMessages }
    }
}

extension ServerContext {
    /// What the HTTP/2 transport adds; nil for a call that another transport serves.
    public var http2: HTTP2ServerTransport.Context? {
        transportSpecific as? HTTP2ServerTransport.Context
    }
}
