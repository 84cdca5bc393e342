internal import AgentAPI
internal import AgentManifest
internal import Supervision
internal import SwiftProtobuf

extension Op_Supervisor_V1_WatchEventsResponse {
    /// Tells of a transition.
    init(_ entry: EventLog.Entry, times: WallTimes) {
        self.init()
        sequence = entry.sequence
        at = times.timestamp(of: entry.at)
        agentID = entry.agent.rawValue
        from = Op_Agents_V1_AgentState(entry.transition.from.kind)
        to = Op_Agents_V1_AgentState(entry.transition.to.kind)
        cause = entry.transition.cause.description
        next = entry.transition.to.next(after: entry.at)
    }
}

extension AgentState {
    /// What follows by itself, as seen at an instant; empty if nothing does.
    fileprivate func next(after now: Instant) -> String {
        func delay(to instant: Instant) -> String {
            let milliseconds = max(0, now.duration(to: instant) / .milliseconds(1))
            return milliseconds < 10_000
                ? "\(Int(milliseconds)) ms" : "\(Int(milliseconds / 1_000)) s"
        }
        switch self {
        case .backingOff(let until), .degraded(let until):
            return "starts again in \(delay(to: until))"
        case .starting(let deadline): return "must serve within \(delay(to: deadline))"
        case .draining(let drain):
            return drain.killAt.map { "is killed in \(delay(to: $0))" } ?? ""
        case .unhealthy: return "is replaced unless it passes one more probe"
        case .external(isServing: false):
            return "is probed until it answers where it is run by hand"
        case .stopped, .serving, .external: return ""
        }
    }
}

extension Op_Supervisor_V1_SessionInfo {
    /// Describes a session.
    init(_ session: Session, expiry: Instant?, times: WallTimes) {
        self.init()
        sessionID = session.id.rawValue
        clientName = session.client
        metadata = session.metadata
        startedAt = times.timestamp(of: session.startedAt)
        lastCallAt = times.timestamp(of: session.lastUsedAt)
        if let expiry { expiresAt = times.timestamp(of: expiry) }
        activeCalls = UInt32(clamping: session.activeCalls)
        agents = session.agents.map(\.rawValue).sorted()
    }
}

extension Op_Supervisor_V1_LogsResponse {
    /// Passes on a line of an agent's output.
    init(_ line: OutputLine) {
        self.init()
        sequence = line.sequence
        at = Google_Protobuf_Timestamp(
            seconds: line.time / 1_000_000, nanos: Int32(line.time % 1_000_000) * 1_000)
        stream = line.stream == .standardOutput ? .stdout : .stderr
        self.line = line.text
        isCut = line.isCut
        pid = line.pid
    }
}
