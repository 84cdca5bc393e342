internal import GRPCCore
internal import LinuxIO

/// A connection that a client opened.
///
/// Belongs to the loop's thread.
final class ServerConnection: Connection {
    private let acceptor: Acceptor
    /// As `ServerContext.remotePeer` describes it.
    let remotePeer: String
    /// As `ServerContext.localPeer` describes it.
    let localPeer: String
    /// Who opened it, where that is known.
    private(set) var peer: PeerCredentials?
    private let limits: StreamLimits
    /// Whether the client may call; nil before its first call, and while that is being found out.
    private var decision: PeerAuthorizer.Decision?
    /// The calls that wait for it.
    private var undecided: [ServerStream] = []
    /// Handlers that run, of streams that are open and of those that are gone.
    private var runningHandlers = 0
    /// Handlers of streams that are gone may take a moment to notice it: as many as there may be streams.
    private let maximumHandlers: Int
    private var phase = Phase.serving

    private enum Phase {
        case serving
        /// The client was told, and has not yet said that it knows.
        case announced
        case done
    }

    /// How long a client may take to answer before it is refused new calls.
    private static let drainPongTimeout = Duration.seconds(1)

    init(
        _ descriptor: consuming OwnedDescriptor, address: SocketAddress, acceptor: Acceptor
    ) throws(SystemError) {
        self.acceptor = acceptor
        let configuration = acceptor.configuration
        limits = StreamLimits(
            maximumMessageSize: configuration.maximumMessageSize,
            streamWindow: configuration.streamWindow)
        maximumHandlers = 2 * Int(configuration.maximumConcurrentStreams)
        localPeer = address.peerDescription
        switch address {
        case .unix:
            let credentials = try PeerCredentials(ofPeerOnUnixSocket: descriptor.rawValue)
            peer = credentials
            remotePeer = "unix:pid-\(credentials.processID ?? 0)"
        case .ipv4, .ipv6:
            try Socket.disableDelay(on: descriptor.rawValue)
            remotePeer = try SocketAddress(remoteAddressOf: descriptor.rawValue).peerDescription
        }
        super.init(
            descriptor, role: .server,
            settings: Nghttp2Session.Settings(
                maximumConcurrentStreams: configuration.maximumConcurrentStreams,
                streamWindow: limits.streamWindow,
                maximumHeaderListSize: UInt32(StreamLimits.maximumHeaderListSize)),
            keepalive: configuration.keepalive, idleTimeout: configuration.idleTimeout,
            loop: acceptor.loop)
    }

    /// Begins to serve.
    func serve() throws(SystemError) {
        try start()
        let configuration = acceptor.configuration
        timers.handshake = loop.schedule(after: configuration.handshakeTimeout) { [unowned self] in
            guard !session.hasBegun else { return }
            end(
                .settingsTimeout,
                because: "no HTTP/2 preface and SETTINGS within \(configuration.handshakeTimeout)")
        }
        if let age = configuration.maximumConnectionAge {
            timers.age = loop.schedule(after: age) { [unowned self] in drain() }
        }
    }

    /// Asks the client to go away once its calls have ended.
    ///
    /// In two steps (RFC 9113, section 6.8): calls that the client sends before it has read the notice
    /// are served, since only what comes after the answer to a PING is refused.
    override func drain() {
        guard case .serving = phase else { return }
        phase = .announced
        session.announceShutdown()
        flushLater()
        // Whoever does not answer is not waited for.
        timers.drain = loop.schedule(after: Self.drainPongTimeout) { [unowned self] in
            sessionDidReceiveShutdownPong()
        }
    }

    override func sessionDidReceiveShutdownPong() {
        guard case .announced = phase else { return }
        phase = .done
        session.goAway()
        flushLater()
    }

    // MARK: Who may call

    /// Says whether the client's calls are taken, which is found out at the first one.
    ///
    /// - Parameter call: Is told later where it cannot be said now. Until then nothing more is read, so that those
    ///   who may not call cannot have much kept for them.
    /// - Returns: Nil where the call is told later.
    func decision(on call: ServerStream) -> PeerAuthorizer.Decision? {
        if let decision { return decision }
        guard undecided.isEmpty else {
            undecided.append(call)
            return nil
        }
        let found = decide()
        if let found, found.isFinal { decision = found }
        if found == nil {
            undecided.append(call)
            pauseReading()
        }
        return found
    }

    private func decide() -> PeerAuthorizer.Decision? {
        guard let authorizer = acceptor.authorizer, let socket else { return .admitted }
        do {
            let peer = if let peer { peer } else { try authorizer.identify(socket) }
            self.peer = peer
            return authorizer.decide(on: peer) { [weak self] in self?.didDecide($0) }
        } catch {
            return authorizer.refusal(error)
        }
    }

    private func didDecide(_ found: PeerAuthorizer.Decision) {
        if found.isFinal { decision = found }
        let calls = undecided
        undecided = []
        for call in calls { call.didDecide(found) }
        resumeReading()
    }

    // MARK: Calls

    override func sessionWillOpenStream(_ id: Int32) -> SessionStream? {
        guard runningHandlers < maximumHandlers else { return nil }
        callDidBegin()
        let stream = ServerStream(acceptor: acceptor, limits: limits)
        stream.connection = self
        return stream
    }

    func handlerDidStart(_ method: MethodDescriptor) {
        runningHandlers += 1
        acceptor.callDidStart(method)
    }

    func handlerDidEnd(_ method: MethodDescriptor) {
        runningHandlers -= 1
        acceptor.callDidEnd(method)
    }

    override func didClose(reason: String) {
        undecided = []
        acceptor.didClose(self)
    }
}

extension SocketAddress {
    /// As gRPC describes peers: "ipv4:127.0.0.1:50052", "ipv6:[::1]:50052", "unix:/path".
    var peerDescription: String {
        switch self {
        case .ipv4: "ipv4:\(self)"
        case .ipv6: "ipv6:\(self)"
        case .unix: description
        }
    }
}
