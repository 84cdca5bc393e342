internal import AgentManifest
internal import Supervision

extension Fleet {
    /// While the fleet stops: who still blocks it, for how long, and what comes next; else empty.
    package var shutdownProgress: String {
        guard isStopping else { return "" }
        let now = effects.clock.now
        let blocking = (snapshots + leaving).compactMap { agent -> String? in
            guard case .draining(let drain) = agent.state else { return nil }
            let waited = Self.seconds(from: drain.since, to: now)
            guard let killAt = drain.killAt else {
                return "\(agent.manifest.id) (told to stop \(waited) s ago, killed, not gone yet)"
            }
            let left = Self.seconds(from: now, to: killAt)
            return "\(agent.manifest.id) (told to stop \(waited) s ago, killed in \(left) s)"
        }
        return blocking.isEmpty
            ? "stops: every agent is gone" : "stops: waits for " + blocking.joined(separator: ", ")
    }

    private static func seconds(from start: Instant, to end: Instant) -> Int {
        max(0, Int((start.duration(to: end) / .seconds(1)).rounded()))
    }
}
