internal import AgentManifest
private import Glibc
internal import LinuxIO
internal import Logging

/// Answers scrapes: `GET /metrics` of HTTP/1.1, for whoever can reach the address.
///
/// The figures hold no content and no names that callers chose, so nobody is asked who they are. What a
/// hostile scraper can take is bounded instead: connections, bytes and seconds of each, and how often
/// figures are gathered.
actor MetricsEndpoint {
    /// The most connections at a time; others wait in the backlog.
    private static let maximumConnections = 16
    /// How often figures are gathered at most; scrapes that come faster share an answer.
    private static let shortestInterval: Duration = .milliseconds(200)
    /// How long to wait for an address that somebody else has, and for descriptors.
    private static let retryInterval: Duration = .seconds(5)

    nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private let address: SocketAddress
    private let read: @Sendable () async -> String
    private let logger: Logger
    private var listener: Listener?
    private var connections: [UInt64: ScrapeConnection] = [:]
    private var lastConnection: UInt64 = 0
    /// The connections that wait for the next figures.
    private var waiting: [UInt64] = []
    private var isGathering = false
    private var lastGathered = MonotonicInstant(nanoseconds: 0)
    private var hasComplained = false
    /// The file of a unix socket, unless it was passed and is its maker's.
    private var file: String?
    private var isStopped = false

    /// A class, since an optional cannot give out the descriptor of a noncopyable value.
    private final class Listener {
        let socket: ListeningSocket
        var watch: Watch?

        init(_ socket: consuming ListeningSocket) { self.socket = socket }
    }

    /// Prepares an endpoint.
    ///
    /// - Parameters:
    ///   - address: Where it listens.
    ///   - loop: Runs it.
    ///   - logger: Is told where the address cannot be listened on.
    ///   - read: Gathers the figures, as the text of an answer.
    init(
        at address: SocketAddress, on loop: EventLoop, logger: Logger,
        read: @escaping @Sendable () async -> String
    ) {
        self.address = address
        self.loop = loop
        self.logger = logger
        self.read = read
    }

    /// Begins to listen; where the address is taken, the fleet does without and it is tried again.
    ///
    /// - Parameter passed: The socket that was bound for it, if one was.
    func start(adopting passed: consuming OwnedDescriptor? = nil) {
        do {
            if let passed {
                try listen(on: ListeningSocket(adopting: passed))
            } else {
                try listen(on: ListeningSocket.bind(to: address, mode: 0o666))
                if case .unix(let path) = address { file = path }
            }
        } catch {
            tryAgain(after: error)
        }
    }

    /// Closes everything.
    func stop() {
        isStopped = true
        listener?.watch?.cancel()
        if let file { unlink(file) }
        listener = nil
        for connection in connections.values { connection.close() }
    }

    // MARK: Connections

    private func listen(on socket: consuming ListeningSocket) throws(SystemError) {
        let listener = Listener(socket)
        listener.watch = try loop.watch(listener.socket.descriptor.rawValue, for: .readable) {
            [weak self] _ in self?.assumeIsolated { $0.accept() }
        }
        self.listener = listener
        logger.info("metrics are at \(listener.socket.localAddress)")
    }

    private func tryAgain(after error: SystemError) {
        if !hasComplained {
            let sentence = PortError(error, address: address).sentence(
                for: "the metrics", key: "supervisor.metrics_address")
            logger.error("\(sentence); the fleet runs without until then")
            hasComplained = true
        }
        loop.schedule(after: Self.retryInterval) { [weak self] in
            self?.assumeIsolated { if !$0.isStopped { $0.start() } }
        }
    }

    private func accept() {
        guard let listener else { return }
        do {
            while connections.count < Self.maximumConnections {
                guard let descriptor = try listener.socket.accept() else { return }
                serve(descriptor)
            }
            listener.watch?.update([])
        } catch {
            // Descriptors have run out: what waits would be reported again and again.
            listener.watch?.update([])
            loop.schedule(after: Self.retryInterval) { [weak listener] in
                listener?.watch?.update(.readable)
            }
        }
    }

    private func serve(_ descriptor: consuming OwnedDescriptor) {
        lastConnection += 1
        let number = lastConnection
        // Fails only where kernel memory has run out; the scraper sees its connection closed.
        connections[number] = try? ScrapeConnection(
            descriptor, on: loop,
            onRequest: { [weak self] in self?.assumeIsolated { $0.requested(by: number) } },
            onEnd: { [weak self] in self?.assumeIsolated { $0.ended(number) } })
    }

    private func ended(_ number: UInt64) {
        connections[number] = nil
        listener?.watch?.update(.readable)
    }

    // MARK: Figures

    private func requested(by number: UInt64) {
        waiting.append(number)
        if !isGathering { gatherSoon() }
    }

    private func gatherSoon() {
        isGathering = true
        let rest = Self.shortestInterval - MonotonicInstant.now.since(lastGathered)
        loop.schedule(after: max(rest, .zero)) { [weak self] in
            self?.assumeIsolated { $0.gather() }
        }
    }

    private func gather() {
        let numbers = waiting
        waiting = []
        Task {
            let text = await read()
            for number in numbers { connections[number]?.answer(with: text) }
            lastGathered = .now
            isGathering = false
            if !waiting.isEmpty { gatherSoon() }
        }
    }
}
