internal import AgentAPI
internal import AgentManifest
internal import GRPCCore
internal import Logging
internal import Supervision

/// The sessions of a running fleet: their table, their running calls, who waits for their end, and
/// their expiry.
///
/// Belongs to the event loop's thread.
final class SessionRegistry {
    /// Why a call that holds a session ends, other than by failing.
    struct Ended: Error {}

    /// How long sessions last.
    var policy: SessionPolicy {
        didSet { armExpiry() }
    }

    private(set) var table = SessionTable()
    private var prewarming = PrewarmPolicy()
    private var calls: [Supervision.SessionID: [ObjectIdentifier: RunningCall]] = [:]
    private var holds: [Supervision.SessionID: [ObjectIdentifier: RunningCall]] = [:]
    private var releaseWaiters: [Supervision.SessionID: [CheckedContinuation<Void, Never>]] = [:]
    private let store: any SessionStoring
    private let clock: any MonotonicClock
    private let logger: Logger
    private var onEnd: () -> Void = {}
    private var expiry: (any Cancellable)?
    private var saving: (any Cancellable)?

    /// How long changes may wait to be saved: what a crash may lose is so much of a lease.
    private static let saveDelay: Duration = .seconds(1)

    init(
        _ settings: SessionSettings, store: any SessionStoring, clock: any MonotonicClock,
        logger: Logger
    ) {
        policy = SessionPolicy(settings)
        self.store = store
        self.clock = clock
        self.logger = logger
    }

    /// Takes up the sessions of an earlier supervisor.
    ///
    /// - Parameter onEnd: Called after sessions ended, by whatever cause.
    func restore(onEnd: @escaping () -> Void) {
        self.onEnd = onEnd
        prewarming = store.loadPrewarming() ?? PrewarmPolicy()
        guard var table = store.loadSessions() else { return }
        table.resume(at: clock.now)
        self.table = table
        armExpiry()
    }

    /// Saves the sessions now.
    func save() {
        saving?.cancel()
        saving = nil
        attempt("save the sessions") { try store.save(table) }
    }

    // MARK: Sessions

    func start(
        _ id: Supervision.SessionID, client: String, metadata: [String: String]
    ) -> SessionTable.StartOutcome {
        let outcome = table.start(id, client: client, metadata: metadata, at: clock.now)
        // A session that was announced must not be forgotten by a crash.
        if outcome == .started { save() }
        armExpiry()
        return outcome
    }

    /// Ends a session and its calls.
    ///
    /// - Returns: How many of its calls were cancelled; `nil` if there never was such a session.
    func end(_ id: Supervision.SessionID) -> Int? {
        switch table.end(id) {
        case .ended(let session): return finish(session)
        case .hadEnded: return 0
        case .unknown: return nil
        }
    }

    /// Whether any session needs an agent.
    func needs(_ agent: AgentID) -> Bool { table.needs(agent) }

    func keep(_ agents: some Sequence<AgentID>, for id: Supervision.SessionID) {
        table.keep(agents, for: id)
        changed()
    }

    /// The on-demand agents to start ahead for a client.
    func prewarmed(for client: String, configured: [String: [AgentID]]) -> [AgentID] {
        prewarming.agents(for: client, configured: configured)
    }

    func renew(_ id: Supervision.SessionID) -> Bool {
        defer { changed() }
        return table.renew(id, at: clock.now)
    }

    func openStream(of id: Supervision.SessionID) {
        _ = table.openStream(of: id, at: clock.now)
        changed()
    }

    func closeStream(of id: Supervision.SessionID) {
        table.closeStream(of: id, at: clock.now)
        changed()
    }

    // MARK: Calls

    /// Counts a call among a session's, to be ended with it; `false` if there is no such session.
    func register(_ call: RunningCall, in id: Supervision.SessionID) -> Bool {
        guard renew(id) else { return false }
        calls[id, default: [:]][ObjectIdentifier(call)] = call
        return true
    }

    func unregister(_ call: RunningCall, from id: Supervision.SessionID) {
        calls[id]?[ObjectIdentifier(call)] = nil
        if calls[id]?.isEmpty == true { calls[id] = nil }
    }

    /// Notes that a session uses an agent.
    func beginCall(to agent: AgentID, of id: Supervision.SessionID) {
        _ = table.beginCall(to: agent, of: id, at: clock.now)
        changed()
    }

    func endCall(of id: Supervision.SessionID) {
        table.endCall(of: id, at: clock.now)
        changed()
    }

    // MARK: Agents that hold a session

    /// Ends a call that holds a session, when the session ends.
    func hold(_ id: Supervision.SessionID, by call: RunningCall) -> Session? {
        guard let session = table[id] else { return nil }
        holds[id, default: [:]][ObjectIdentifier(call)] = call
        return session
    }

    /// Notes that whoever held a session has been told its end, or gave it up.
    func release(_ call: RunningCall) {
        let key = ObjectIdentifier(call)
        guard let id = holds.first(where: { $0.value[key] != nil })?.key else { return }
        holds[id]?[key] = nil
        guard holds[id]?.isEmpty == true else { return }
        holds[id] = nil
        for waiter in releaseWaiters.removeValue(forKey: id) ?? [] { waiter.resume() }
    }

    /// Waits until nobody holds a session that has ended.
    func waitUntilReleased(
        _ id: Supervision.SessionID, isolation: isolated (any Actor)? = #isolation
    ) async {
        await withCheckedContinuation { continuation in
            if holds[id] == nil {
                continuation.resume()
            } else {
                releaseWaiters[id, default: []].append(continuation)
            }
        }
    }

    // MARK: The end

    private func finish(_ session: Session) -> Int {
        let ended = calls.removeValue(forKey: session.id)?.values.map { $0 } ?? []
        for call in ended { call.end(.sessionEnded(session.id.rawValue)) }
        let end = RPCError(
            code: .cancelled, message: "cannot hold the session \(session.id): it has ended",
            cause: Ended())
        for hold in (holds[session.id] ?? [:]).values { hold.end(end) }
        prewarming.learn(from: session)
        attempt("save what was learned") { try store.save(prewarming) }
        save()
        armExpiry()
        onEnd()
        return ended.count
    }

    private func expire() {
        for session in table.expire(policy, at: clock.now) {
            logger.info("session \(session.id) ended: it was not used any more")
            _ = finish(session)
        }
        armExpiry()
    }

    private func changed() {
        armExpiry()
        guard saving == nil else { return }
        saving = clock.schedule(at: clock.now.advanced(by: Self.saveDelay)) { [weak self] in
            self?.save()
        }
    }

    private func armExpiry() {
        expiry?.cancel()
        expiry = table.nextExpiry(policy).map { instant in
            clock.schedule(at: instant) { [weak self] in self?.expire() }
        }
    }

    private func attempt(_ what: String, _ body: () throws -> Void) {
        do {
            try body()
        } catch {
            logger.error("cannot \(what): \(error)")
        }
    }
}
