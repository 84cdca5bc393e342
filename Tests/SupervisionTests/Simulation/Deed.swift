import AgentManifest
import Supervision

/// What is done to the simulated fleet from outside.
enum Deed {
    /// An operator's order, or another event that means something in any state.
    case tell(agent: Int, AgentEvent)
    /// The same news as before, of an instance so many generations ago.
    case staleNews(agent: Int, Staleness, generationsAgo: UInt64)
    /// What befalls its next processes.
    case weather(agent: Int, Weather)
    /// Its settings change.
    case reconfigure(agent: Int, grace: Duration, threshold: Int)
    /// Something ends its process.
    case signal(agent: Int, Int32)
    /// Its process is stopped, or goes on.
    case hang(agent: Int, Bool)
    /// Calls that pass the supervisor by use it for so long.
    case use(agent: Int, Duration)
    /// A call through the supervisor, which takes so long.
    case call(agent: Int, session: Int?, Duration)
    case startSession(Int, client: Int)
    case endSession(Int)
    case openStream(session: Int)
    case closeStream(session: Int)
    /// The supervisor gets nothing done for so long; what comes meanwhile waits.
    case stall(Duration)
    /// The supervisor is killed, and its agents with it; the next one takes its sessions up.
    case supervisorDies

    /// Whether it waits while the supervisor gets nothing done.
    var needsSupervisor: Bool {
        switch self {
        case .weather, .signal, .hang, .stall, .supervisorDies: false
        case .tell, .staleNews, .reconfigure, .use, .call, .startSession, .endSession, .openStream,
            .closeStream:
            true
        }
    }

    /// News that may come late or twice.
    enum Staleness: CaseIterable {
        case ready, passed, failed, used, exited, timeReached
    }
}

/// A deed and its time.
struct Stimulus {
    let at: Instant
    let deed: Deed

    /// Draws what happens to a fleet.
    static func random(count: Int, from start: Instant, _ random: inout SplitMix64) -> [Stimulus] {
        var now = start
        return (0..<count).map { _ in
            now = now.advanced(by: random.duration(upTo: .seconds(60)))
            return Stimulus(at: now, deed: .random(&random))
        }
    }
}

extension Deed {
    fileprivate static func random(_ random: inout SplitMix64) -> Deed {
        let agent = Int(random.next() % UInt64(SimulatedFleet.agentCount))
        let session = Int(random.next() % UInt64(SimulatedFleet.sessionCount))
        switch random.next() % 64 {
        case 0..<8:
            let orders: [AgentEvent] = [
                .start, .stop, .restart, .unhold, .attach, .detach, .detach, .start,
            ]
            return .tell(agent: agent, random.pick(orders))
        case 8..<12: return .tell(agent: agent, .connectionWaiting)
        case 12..<16:
            return .staleNews(
                agent: agent, random.pick(Staleness.allCases), generationsAgo: random.next() % 3)
        case 16..<22: return .weather(agent: agent, random.pick(Weather.allCases))
        case 22..<28: return .weather(agent: agent, .fair)
        case 28..<30:
            return .reconfigure(
                agent: agent, grace: random.pick([.zero, .seconds(1), .seconds(10)]),
                threshold: random.pick([1, 3]))
        case 30..<35: return .signal(agent: agent, random.pick([9, 11, 6]))
        case 35..<38: return .hang(agent: agent, true)
        case 38..<40: return .hang(agent: agent, false)
        case 40..<42: return .use(agent: agent, random.duration(upTo: .seconds(100)))
        case 42..<50:
            return .call(
                agent: agent, session: random.oneIn(3) ? nil : session,
                random.duration(upTo: .seconds(100)))
        case 50..<55:
            return .startSession(session, client: Int(random.next() % 2))
        case 55..<57: return .endSession(session)
        case 57..<59: return .openStream(session: session)
        case 59..<61: return .closeStream(session: session)
        case 61..<63: return .stall(random.duration(upTo: .seconds(90)))
        default: return .supervisorDies
        }
    }
}
