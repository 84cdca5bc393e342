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
    private var holds: [Supervision.SessionID: [ObjectIdentifier: SessionHold]] = [:]
    private var releaseWaiters: [Supervision.SessionID: [CheckedContinuation<Void, Never>]] = [:]
    private let store: any SessionStoring
    private let clock: any MonotonicClock
    private let logger: Logger
    /// What is not saved yet: the sessions that changed, those that ended, and whether more was learned.
    private var changedIDs: Set<Supervision.SessionID> = []
    private var endedIDs: [Supervision.SessionID] = []
    private var hasLearned = false
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
        table = SessionTable(resuming: store.loadSessions(), at: clock.now)
        armExpiry()
    }

    /// Saves the sessions, and returns when that is done.
    func save() {
        beginSaving()
        store.finish()
    }

    /// Waits until what was to be saved at once is saved.
    func waitUntilSaved(isolation: isolated (any Actor)? = #isolation) async {
        await withCheckedContinuation { continuation in
            store.whenSaved { continuation.resume() }
        }
    }

    // MARK: Sessions

    func start(
        _ id: Supervision.SessionID, client: String, metadata: [String: String]
    ) -> SessionTable.StartOutcome {
        let outcome = table.start(id, client: client, metadata: metadata, at: clock.now)
        changed(id)
        if outcome == .started { beginSaving() }
        return outcome
    }

    /// Ends a session and its calls.
    ///
    /// - Returns: How many of its calls were cancelled; `nil` if there never was such a session.
    func end(_ id: Supervision.SessionID) -> Int? {
        switch table.end(id) {
        case .ended(let session): return finish([session])
        case .hadEnded: return 0
        case .unknown: return nil
        }
    }

    /// Whether any session needs an agent.
    func needs(_ agent: AgentID) -> Bool { table.needs(agent) }

    func keep(_ agents: some Sequence<AgentID>, for id: Supervision.SessionID) {
        table.keep(agents, for: id)
        changed(id)
    }

    /// The on-demand agents to start ahead for a client.
    func prewarmed(for client: String, configured: [String: [AgentID]]) -> [AgentID] {
        prewarming.agents(for: client, configured: configured)
    }

    func renew(_ id: Supervision.SessionID) -> Bool {
        defer { changed(id) }
        return table.renew(id, at: clock.now)
    }

    func openStream(of id: Supervision.SessionID) {
        _ = table.openStream(of: id, at: clock.now)
        changed(id)
    }

    func closeStream(of id: Supervision.SessionID) {
        table.closeStream(of: id, at: clock.now)
        changed(id)
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
        changed(id)
    }

    func endCall(of id: Supervision.SessionID) {
        table.endCall(of: id, at: clock.now)
        changed(id)
    }

    // MARK: Agents that hold a session

    /// Ends a call that holds a session, when the session ends.
    func hold(_ id: Supervision.SessionID, by call: RunningCall) -> Session? {
        guard let session = table[id] else { return nil }
        holds[id, default: [:]][ObjectIdentifier(call)] = SessionHold(call)
        return session
    }

    /// Takes an update of an agent that holds a session: `Session` streams at its own port opened or
    /// ended since, or else the session's lease is renewed.
    ///
    /// - Returns: Whether there is such a session.
    func update(
        _ id: Supervision.SessionID, by call: RunningCall, streamsOpened: UInt32,
        streamsEnded: UInt32
    ) -> Bool {
        guard table[id] != nil else { return false }
        let change = holds[id]?[ObjectIdentifier(call)]?.take(
            streamsOpened: streamsOpened, streamsEnded: streamsEnded)
        switch change {
        case .opened: openStream(of: id)
        case .ended: closeStream(of: id)
        case .openedAndEnded:
            openStream(of: id)
            closeStream(of: id)
        case .unchanged, nil: _ = renew(id)
        }
        return true
    }

    /// Notes that whoever held a session has been told its end, or gave it up.
    func release(_ call: RunningCall) {
        let key = ObjectIdentifier(call)
        guard let (id, held) = holds.first(where: { $0.value[key] != nil }) else { return }
        // What was open at an agent that is gone is not open any more.
        if held[key]?.hasStreams == true { closeStream(of: id) }
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

    /// Ends the calls of sessions that ended, and returns how many there were.
    private func finish(_ sessions: [Session]) -> Int {
        guard !sessions.isEmpty else { return 0 }
        let count = sessions.reduce(0) { $0 + endCalls(of: $1) }
        for session in sessions { prewarming.learn(from: session) }
        hasLearned = true
        endedIDs += sessions.map(\.id)
        beginSaving()
        armExpiry()
        onEnd()
        return count
    }

    private func endCalls(of session: Session) -> Int {
        let ended = calls.removeValue(forKey: session.id)?.values.map { $0 } ?? []
        for call in ended { call.end(.sessionEnded(session.id.rawValue)) }
        let end = RPCError(
            code: .cancelled, message: "cannot hold the session \(session.id): it has ended",
            cause: Ended())
        for hold in (holds[session.id] ?? [:]).values { hold.call.end(end) }
        return ended.count
    }

    private func expire() {
        let expired = table.expire(policy, at: clock.now)
        for session in expired {
            logger.info("session \(session.id) ended: it was not used any more")
        }
        _ = finish(expired)
        armExpiry()
    }

    private func changed(_ id: Supervision.SessionID) {
        armExpiry()
        changedIDs.insert(id)
        guard saving == nil else { return }
        saving = clock.schedule(at: clock.now.advanced(by: Self.saveDelay)) { [weak self] in
            self?.beginSaving()
        }
    }

    /// Gives what is not saved yet to the store.
    private func beginSaving() {
        saving?.cancel()
        saving = nil
        var changes = SessionChanges()
        changes.ended = endedIDs
        changes.sessions = changedIDs.compactMap { table[$0] }
        changes.prewarming = hasLearned ? prewarming : nil
        endedIDs = []
        changedIDs = []
        hasLearned = false
        store.save(changes) { [logger] in logger.error("cannot keep the sessions: \($0)") }
    }

    private func armExpiry() {
        expiry?.cancel()
        expiry = table.nextExpiry(policy).map { instant in
            clock.schedule(at: instant) { [weak self] in self?.expire() }
        }
    }
}
