internal import AgentAPI
internal import AgentManifest
internal import LinuxIO
internal import Supervision
private import SwiftProtobuf

extension Op_Agents_V1_AgentInfo {
    /// Says where an agent is and how it is.
    init(_ agent: AgentSnapshot) {
        self.init()
        id = agent.manifest.id.rawValue
        address = agent.address.description
        state = Op_Agents_V1_AgentState(agent.state.kind)
        description_p = agent.manifest.description
        onDemand = agent.manifest.start == .demand
    }
}

extension Op_Agents_V1_AgentState {
    /// The state as it is called on the wire.
    init(_ kind: AgentState.Kind) {
        self =
            switch kind {
            case .stopped: .stopped
            case .starting: .starting
            case .serving: .serving
            case .unhealthy: .unhealthy
            case .draining: .draining
            case .backingOff: .backingOff
            case .degraded: .degraded
            case .external: .external
            }
    }
}

extension Op_Supervisor_V1_AgentStatus {
    /// Says all that an operator wants to know of an agent.
    init(_ agent: AgentSnapshot, times: WallTimes) {
        self.init()
        id = agent.manifest.id.rawValue
        state = Op_Agents_V1_AgentState(agent.state.kind)
        address = agent.address.description
        description_p = agent.manifest.description
        onDemand = agent.manifest.start == .demand
        restarts = UInt32(clamping: agent.failureCount)
        activeCalls = UInt32(clamping: agent.activeCalls)
        acceptsCalls = agent.state.acceptsCalls
        lastError = agent.lastFailure?.description ?? ""
        if let duration = agent.startDuration {
            spawnToServingUs = UInt64(max(0, duration / .microseconds(1)))
        }
        if let pid = agent.pid {
            self.pid = pid
            if let usage = ProcessUsage.read(of: pid) {
                residentBytes = usage.residentBytes
                cpuUs = usage.cpuMicroseconds
            }
        }
        switch agent.state {
        case .serving(let since), .unhealthy(let since): servingSince = times.timestamp(of: since)
        case .backingOff(let until), .degraded(let until): nextStartAt = times.timestamp(of: until)
        case .stopped, .starting, .draining, .external: break
        }
    }
}
