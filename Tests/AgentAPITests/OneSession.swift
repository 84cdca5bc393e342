import AgentAPI
import GRPCCore
import Synchronization

/// A session table with the one session "s".
final class OneSession: SessionValidating {
    private let calls = Mutex<[ObjectIdentifier: RunningCall]>([:])
    private let log = Mutex<[String]>([])

    var events: [String] { log.withLock { $0 } }

    func end() {
        for call in calls.withLock({ Array($0.values) }) { call.end(.sessionEnded("s")) }
    }

    func register(_ call: RunningCall, in sessionID: String) async throws {
        guard sessionID == "s" else { throw RPCError.unknownSession(sessionID) }
        calls.withLock { $0[ObjectIdentifier(call)] = call }
    }

    func unregister(_ call: RunningCall, from sessionID: String) {
        calls.withLock { $0[ObjectIdentifier(call)] = nil }
    }

    func renew(_ sessionID: String) async throws { log.withLock { $0.append("renewed") } }
    func conversationBegan(in sessionID: String) { log.withLock { $0.append("began") } }
    func conversationEnded(in sessionID: String) { log.withLock { $0.append("ended") } }
}
