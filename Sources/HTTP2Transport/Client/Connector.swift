internal import GRPCCore
internal import LinuxIO

/// The connection of a client: made when a call needs it, made again when it was lost.
///
/// Sendable by confinement: everything but the constants belongs to the loop's thread.
final class Connector: @unchecked Sendable {
    private enum State {
        /// No connection, and no call that needs one.
        case idle
        case connecting(Attempt)
        case ready(ClientConnection)
        /// The last attempt failed.
        case backingOff(LoopTimer, RPCError)
    }

    let loop: EventLoop
    let configuration: HTTP2ClientTransport.Configuration
    let target: SocketAddress
    private var state = State.idle
    /// Failed attempts in a row.
    private var failures = 0
    /// Calls that wait for a connection.
    private var waiting: [ClientStream] = []
    /// A connection that the server asked to end, with the calls that it still carries.
    private var retiring: [ClientConnection] = []
    private var isShutDown = false
    private var isStopped = false
    private var whenStopped: [() -> Void] = []

    init(
        target: SocketAddress, configuration: HTTP2ClientTransport.Configuration, loop: EventLoop
    ) {
        self.target = target
        self.configuration = configuration
        self.loop = loop
    }

    var limits: StreamLimits {
        StreamLimits(
            maximumMessageSize: configuration.maximumMessageSize,
            streamWindow: configuration.streamWindow)
    }

    // MARK: Calls

    /// Puts a call on the connection, once there is one.
    func open(_ stream: ClientStream) {
        guard !isStopped else {
            stream.fail(Self.stopped)
            return
        }
        switch state {
        case .ready(let connection):
            stream.attach(to: connection)
        case .backingOff(_, let error) where !stream.waitsForReady:
            stream.fail(error)
        case .idle:
            waiting.append(stream)
            connect()
        case .connecting, .backingOff:
            waiting.append(stream)
        }
    }

    /// Forgets a call that waits for a connection.
    func cancel(_ stream: ClientStream) {
        waiting.removeAll { $0 === stream }
        stopIfDone()
    }

    // MARK: Ending

    func whenStopped(_ body: @escaping () -> Void) {
        whenStopped.append(body)
        stopIfDone()
    }

    /// Ends once the last call has.
    func drain() {
        guard !isShutDown else { return }
        isShutDown = true
        if case .ready(let connection) = state { connection.drain() }
        stopIfDone()
    }

    /// Ends at once.
    func stop() {
        isShutDown = true
        isStopped = true
        switch state {
        case .idle: break
        case .connecting(let attempt): attempt.cancel()
        case .ready(let connection): retiring.append(connection)
        case .backingOff(let timer, _): timer.cancel()
        }
        state = .idle
        let calls = waiting
        waiting = []
        for call in calls { call.fail(Self.stopped) }
        for connection in retiring { connection.close(reason: Self.stopped.message) }
        stopIfDone()
    }

    private static let stopped = RPCError(code: .unavailable, message: "the client was stopped")

    private func stopIfDone() {
        guard isShutDown, waiting.isEmpty, retiring.isEmpty else { return }
        if case .ready = state { return }
        if case .connecting(let attempt) = state { attempt.cancel() }
        if case .backingOff(let timer, _) = state { timer.cancel() }
        state = .idle
        // A call that was let in before the shutdown may still be on its way to the loop.
        isStopped = true
        let bodies = whenStopped
        whenStopped = []
        for body in bodies { body() }
    }

    // MARK: Connecting

    private func connect() {
        do {
            state = .connecting(
                try Attempt(
                    to: target, timeout: configuration.connectTimeout, loop: loop
                ) { [weak self] result in
                    // The loop outlives a client that nobody shut down.
                    guard let self else { return }
                    switch result {
                    case .success(let descriptor): didConnect(descriptor.take())
                    case .failure(let error): didFail(error)
                    }
                })
        } catch {
            didFail(error)
        }
    }

    private func didConnect(_ descriptor: consuming OwnedDescriptor) {
        let connection = ClientConnection(descriptor, connector: self)
        do {
            try connection.start()
        } catch {
            didFail(error)
            return
        }
        failures = 0
        state = .ready(connection)
        let calls = waiting
        waiting = []
        for call in calls { call.attach(to: connection) }
        if isShutDown { connection.drain() }
    }

    private func didFail(_ error: SystemError) {
        backOff(RPCError(code: .unavailable, message: error.description, cause: error))
    }

    /// Waits before the next attempt; calls that do not wait for it fail.
    private func backOff(_ failure: RPCError) {
        failures += 1
        let delay = configuration.backoff.delay(after: failures, random: .random(in: -1...1))
        let timer = loop.schedule(after: delay) { [weak self] in
            guard let self else { return }
            state = .idle
            if !waiting.isEmpty { connect() }
        }
        state = .backingOff(timer, failure)
        let calls = waiting
        waiting = calls.filter(\.waitsForReady)
        for call in calls where !call.waitsForReady { call.fail(failure) }
        stopIfDone()
    }

    // MARK: From the connection

    /// The server will take no more calls on it.
    func didRetire(_ connection: ClientConnection) {
        guard case .ready(let current) = state, current === connection else { return }
        retiring.append(connection)
        state = .idle
    }

    /// The server has too many connections, or too much to do for this one (ENHANCE_YOUR_CALM).
    func wasToldToCalmDown(_ connection: ClientConnection) {
        guard case .ready(let current) = state, current === connection else { return }
        retiring.append(connection)
        backOff(
            RPCError(
                code: .unavailable,
                message: "cannot call \(target): it asks for fewer connections or calls, with "
                    + (connection.session.peersComplaint ?? "") + "; call again later"))
    }

    func didClose(_ connection: ClientConnection) {
        retiring.removeAll { $0 === connection }
        if case .ready(let current) = state, current === connection { state = .idle }
        stopIfDone()
    }
}
