import Testing

@testable import Supervision

/// Random events, sensible or not, against what must hold whatever happens.
struct RandomEventsTests {
    @Test(arguments: UInt64(1)...200)
    func invariantsHold(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var world = World()
        for step in 1...500 {
            let event = world.randomEvent(&random)
            let broken = world.handle(event, jitter: Double.random(in: -1...1, using: &random))
            guard broken.isEmpty else {
                Issue.record("seed \(seed), step \(step), \(event): \(broken)")
                return
            }
        }
    }

    @Test(arguments: UInt64(1)...50)
    func whateverHappenedAWorldThatBehavesGetsItToServe(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var world = World()
        for _ in 1...300 {
            _ = world.handle(world.randomEvent(&random), jitter: 0)
        }
        for event in [AgentEvent.detach, .start, .needed] { _ = world.handle(event, jitter: 0) }
        for _ in 1...20 where world.machine.state.kind != .serving { world.behave() }
        #expect(world.machine.state.kind == .serving, "seed \(seed)")
    }
}

/// The world around a machine: the process that it believes in, and the time.
private struct World {
    private(set) var machine = AgentStateMachine(policy: MachineUnderTest.policy)
    private var now = Instant(nanoseconds: 0)
    private var process: Generation?
    private var listener = Listener.watched
    private var openProbe: Generation?

    mutating func randomEvent(_ random: inout SplitMix64) -> AgentEvent {
        let generation =
            Bool.random(using: &random)
            ? machine.generation
            : Generation(UInt64.random(in: 0...machine.generation.number + 1, using: &random))
        switch Int.random(in: 0..<21, using: &random) {
        case 0: return .start
        case 1: return .stop
        case 2: return .restart
        case 3, 4: return .needed
        case 5: return .released
        case 6: return .connectionWaiting
        case 7: return .attach
        case 8: return .detach
        case 9: return .ready(generation)
        case 10, 11: return .probeSucceeded(generation)
        case 12: return .probeFailed(generation, reason: "no answer")
        case 13: return .used(generation)
        case 14: return process.map { .exited($0, .signaled(9)) } ?? .timeReached
        case 15: return .reconfigure
        case 16: return .unhold
        case 17 where process == machine.generation && machine.state.kind == .starting:
            return .spawnFailed(machine.generation, diagnosis: "no such file")
        default:
            now = now.advanced(by: .milliseconds(Int.random(in: 0...20_000, using: &random)))
            return .timeReached
        }
    }

    /// Does what a healthy process and a faithful runtime would do next.
    mutating func behave() {
        switch machine.state {
        case .draining: _ = handle(.exited(machine.generation, .exited(code: 0)), jitter: 0)
        case .starting where openProbe == machine.generation:
            _ = handle(.probeSucceeded(machine.generation), jitter: 0)
        case .starting: _ = handle(.ready(machine.generation), jitter: 0)
        default:
            now = machine.nextDeadline.map { max($0, now) } ?? now
            _ = handle(.timeReached, jitter: 0)
        }
    }

    /// Lets an event happen and names what it broke.
    mutating func handle(_ event: AgentEvent, jitter: Double) -> [String] {
        var broken: [String] = []
        func check(_ holds: Bool, _ rule: String) { if !holds { broken.append(rule) } }
        let before = machine
        if case .exited(process, _) = event { process = nil }
        if case .spawnFailed(process, _) = event { process = nil }

        for action in machine.handle(event, at: now, jitter: jitter) {
            switch action {
            case .setListener(let new):
                check(new != listener, "the listener changes")
                listener = new
            case .spawn(let generation):
                check(process == nil, "one instance at a time")
                check(generation == before.generation.next, "generations count instances")
                check(!machine.isHeld, "what is held does not start")
                check(machine.state.kind == .starting, "an instance begins by starting")
                process = generation
            case .terminate(let generation), .kill(let generation):
                check(process == generation, "only a live instance is signalled")
                check(machine.state.kind == .draining, "only a draining instance is signalled")
            case .probe(let generation, _):
                check(generation == machine.generation, "only the present instance is probed")
                openProbe = generation
            case .report(let transition):
                check(transition.from == before.state, "a transition starts where it was")
                check(transition.to == machine.state, "a transition ends where it is")
            }
        }
        check(machine.state.hasProcess == (process != nil), "processes are known")
        check(listener == machine.listener, "the listener is told")
        check(machine.generation.number >= before.generation.number, "generations grow")
        if machine.isHeld || [.degraded, .external].contains(machine.state.kind) {
            check(listener == .closed, "the port is closed when nothing will answer")
        }
        if case .backingOff(let until) = machine.state {
            check(until <= now.advanced(by: .seconds(30)), "delays are capped")
        }
        if event == .timeReached, let deadline = machine.nextDeadline {
            check(deadline > now || before.nextDeadline != deadline, "time makes progress")
        }
        return broken
    }
}

/// A small random generator that is the same everywhere (Steele, Lea and Flood, 2014).
private struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
