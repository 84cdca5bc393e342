import FoundationEssentials
import Testing

/// Fleets that live through random events in a simulated world, against what must hold whatever happens.
///
/// `SIMULATION_EVENTS` says how many events there are, `SIMULATION_FROM` the seed of the first fleet, and
/// `SIMULATION_SEED` the one of the only fleet that is to live, as a failure names it.
struct SimulationTests {
    private static let stimuliOfAFleet = 300

    @Test func whateverHappensTheRulesHold() {
        let only = Self.number("SIMULATION_SEED")
        let first = only ?? Self.number("SIMULATION_FROM") ?? 1
        let wanted = only == nil ? Self.number("SIMULATION_EVENTS") ?? 1_000_000 : 0
        var seed = first
        var handled: UInt64 = 0
        repeat {
            let stimuli = Self.stimuli(of: seed)
            var fleet = SimulatedFleet(seed: seed, stimuli: stimuli)
            if let broken = fleet.run() {
                Issue.record("\(Self.story(of: broken, seed: seed, stimuli))")
                return
            }
            handled += UInt64(fleet.eventCount)
            seed += 1
        } while handled < wanted
        print("\(handled) events in \(seed - first) fleets, from seed \(first)")
    }

    @Test func theSameSeedLeadsToTheSameLife() {
        var lives: [[String]?] = []
        for _ in 1...2 {
            var fleet = SimulatedFleet(seed: 7, stimuli: Self.stimuli(of: 7), traced: true)
            _ = fleet.run()
            lives.append(fleet.trace)
        }
        #expect(lives[0] == lives[1])
    }

    private static func number(_ name: String) -> UInt64? {
        ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) }
    }

    private static func stimuli(of seed: UInt64) -> [Stimulus] {
        var random = SplitMix64(seed: seed)
        return Stimulus.random(count: stimuliOfAFleet, from: SimulatedFleet.start, &random)
    }

    /// What led to a broken rule, as short as it can be told.
    private static func story(
        of broken: BrokenRule, seed: UInt64, _ stimuli: [Stimulus]
    ) -> String {
        let needed = shortened(stimuli) { fewer in
            var fleet = SimulatedFleet(seed: seed, stimuli: fewer)
            return fleet.run()?.rule == broken.rule
        }
        var fleet = SimulatedFleet(seed: seed, stimuli: needed, traced: true)
        let reason = fleet.run() ?? broken
        let end = (fleet.trace ?? []).suffix(60).joined(separator: "\n    ")
        return """
            \(reason)
              again: SIMULATION_SEED=\(seed) swift test --filter SimulationTests
              \(needed.count) of \(stimuli.count) stimuli lead to it; the end of the story:
                \(end)
            """
    }
}

/// Leaves out of a list what a failure does not need (Zeller and Hildebrandt, 2002).
private func shortened<Element>(
    _ elements: [Element], whileFailing fails: ([Element]) -> Bool
) -> [Element] {
    var elements = elements
    var chunk = elements.count / 2
    while chunk > 0 {
        var start = 0
        while start < elements.count {
            var fewer = elements
            fewer.removeSubrange(start..<min(start + chunk, elements.count))
            if fails(fewer) { elements = fewer } else { start += chunk }
        }
        chunk /= 2
    }
    return elements
}
