import AgentManifest

@testable import Supervision

/// A state machine, a clock to move and short words for what happens and what is to be done.
struct MachineUnderTest {
    private(set) var machine: AgentStateMachine
    private(set) var now = Instant(nanoseconds: 1_000_000_000_000)

    init(_ policy: AgentPolicy) { machine = AgentStateMachine(policy: policy) }

    /// The policy of an on-demand agent that may fail one probe.
    static var policy: AgentPolicy {
        var manifest = AgentManifest(id: "echo", executable: "/bin/echo", port: 1)
        manifest.start = .demand
        manifest.probes.threshold = 1
        return AgentPolicy(manifest, idleTimeout: .seconds(60))
    }

    /// A machine that was brought into a state: "held" is stopped by an operator, any other name is
    /// the state's.
    init(in state: String) {
        self.init(Self.policy)
        switch state {
        case "held": say("stop")
        case "starting": say("needed", "ready")
        case "serving":
            say("needed", "ready", "passed")
            pass(.seconds(5))
        case "unhealthy":
            self.init(in: "serving")
            say("failed")
        case "draining":
            self.init(in: "serving")
            say("restart")
        case "backing off": say("needed", "exited")
        case "degraded":
            say("needed")
            while machine.state.kind != .degraded { say("exited", "start") }
        case "external": say("attach")
        default: break
        }
    }

    /// Lets one thing happen, which a word stands for.
    @discardableResult
    mutating func say(_ words: String...) -> [AgentAction] {
        words.flatMap { word -> [AgentAction] in
            // Starting again after the last failure would leave the state that was asked for.
            if word == "start", machine.state.kind == .degraded, words.count > 1 { return [] }
            return handle(event(word, of: machine.generation))
        }
    }

    mutating func handle(_ event: AgentEvent) -> [AgentAction] {
        if event == .timeReached, let deadline = machine.nextDeadline { now = max(now, deadline) }
        return machine.handle(event, at: now)
    }

    /// Lets time pass, and every deadline in it be reached.
    @discardableResult
    mutating func pass(_ duration: Duration) -> [AgentAction] {
        let end = now.advanced(by: duration)
        var actions: [AgentAction] = []
        while let deadline = machine.nextDeadline, deadline <= end {
            actions += handle(.timeReached)
        }
        now = end
        return actions
    }

    func event(_ word: String, of generation: Generation) -> AgentEvent {
        switch word {
        case "start": .start
        case "stop": .stop
        case "restart": .restart
        case "reconfigure": .reconfigure
        case "unhold": .unhold
        case "needed": .needed
        case "released": .released
        case "connection": .connectionWaiting
        case "spawnFailed": .spawnFailed(generation, diagnosis: "no such file")
        case "ready": .ready(generation)
        case "passed": .probeSucceeded(generation)
        case "failed": .probeFailed(generation, .unanswered("no answer"))
        case "refused": .probeFailed(generation, .answered("NOT_SERVING"))
        case "used": .used(generation)
        case "exited": .exited(generation, .exited(code: 1))
        case "attach": .attach
        case "detach": .detach
        default: .timeReached
        }
    }

    /// The actions in the words of the transition table, reports left out.
    static func words(_ actions: [AgentAction]) -> String {
        actions.compactMap { action in
            switch action {
            case .setListener(.open): "open"
            case .setListener(.watched): "watch"
            case .setListener(.closed): "close"
            case .spawn: "spawn"
            case .terminate: "term"
            case .kill: "kill"
            case .probe(_, policy.probes.busyTimeout): "busy"
            case .probe: "probe"
            case .report: nil
            }
        }.joined(separator: " ")
    }
}
