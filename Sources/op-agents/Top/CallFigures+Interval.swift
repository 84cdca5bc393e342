import AgentAPI

extension Op_Agents_V1_OperationMetrics {
    /// What was counted after an earlier reading; all of it where who counted has begun anew meanwhile.
    ///
    /// - Parameter earlier: The earlier reading.
    /// - Returns: The difference.
    func since(_ earlier: Self) -> Self {
        guard durations.counts.count == earlier.durations.counts.count,
            zip(durations.counts, earlier.durations.counts).allSatisfy({ $0 >= $1 }),
            earlier.callsByStatus.allSatisfy({ callsByStatus[$0, default: 0] >= $1 })
        else { return self }
        var difference = self
        for (status, count) in earlier.callsByStatus {
            difference.callsByStatus[status, default: count] -= count
        }
        for (index, count) in earlier.durations.counts.enumerated() {
            difference.durations.counts[index] -= count
        }
        difference.durations.sum -= earlier.durations.sum
        return difference
    }
}

extension Op_Agents_V1_DurationHistogram {
    /// The duration that a part of all durations does not exceed, as Prometheus's `histogram_quantile` has it.
    ///
    /// Within a bucket the durations are taken to be spread evenly; those above the last bound are taken to be
    /// that bound.
    ///
    /// - Parameter part: The part, from 0 to 1.
    /// - Returns: Nil where nothing was counted.
    func quantile(_ part: Double) -> Duration? {
        let rank = part * Double(count)
        guard count > 0, let last = upperBounds.last else { return nil }
        var below = 0.0
        var lowerBound = 0.0
        for (upperBound, count) in zip(upperBounds, counts) {
            let inside = Double(count)
            if inside > 0, below + inside >= rank {
                let share = (rank - below) / inside
                return .seconds(lowerBound + (upperBound - lowerBound) * share)
            }
            below += inside
            lowerBound = upperBound
        }
        return .seconds(last)
    }
}
