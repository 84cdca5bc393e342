extension Op_Agents_V1_OperationMetrics {
    /// All of its calls, however they ended.
    package var calls: UInt64 {
        callsByStatus.values.reduce(0, &+)
    }

    /// Adds what somebody else counted of the same operation, in the same buckets.
    ///
    /// - Parameter other: The other figures.
    package mutating func add(_ other: Self) {
        callsByStatus.merge(other.callsByStatus, uniquingKeysWith: &+)
        durations.add(other.durations)
        streamedChunks &+= other.streamedChunks
    }
}

extension Op_Agents_V1_DurationHistogram {
    /// How many durations were counted.
    package var count: UInt64 { counts.reduce(0, &+) }

    /// Adds a histogram; one with other buckets, which only another program can have sent, is left out.
    ///
    /// - Parameter other: The other histogram.
    package mutating func add(_ other: Self) {
        guard !counts.isEmpty else {
            self = other
            return
        }
        guard upperBounds == other.upperBounds, counts.count == other.counts.count else { return }
        for index in counts.indices { counts[index] &+= other.counts[index] }
        sum += other.sum
    }
}
