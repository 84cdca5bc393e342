internal import AgentAPI

/// What is taken of an agent's answer: its program may be anybody's, and a scrape is read by another.
extension Op_Agents_V1_AgentMetrics {
    private static let mostOperations = 256
    private static let longestName = 128
    private static let lastStatus: UInt32 = 16

    /// Its operations, as far as a scrape of the fleet has room for them; of two with a name the first.
    var boundedOperations: [Op_Agents_V1_OperationMetrics] {
        var names: Set<String> = []
        return operations.prefix(Self.mostOperations).filter {
            $0.operation.utf8.count <= Self.longestName && names.insert($0.operation).inserted
        }.map {
            var operation = $0
            operation.callsByStatus = operation.callsByStatus.filter { $0.key <= Self.lastStatus }
            if !operation.durations.isWellFormed { operation.clearDurations() }
            return operation
        }
    }
}

extension Op_Agents_V1_DurationHistogram {
    private static let mostBuckets = 64

    /// Whether its bounds ascend, and there is a count for each and one more.
    fileprivate var isWellFormed: Bool {
        upperBounds.count < Self.mostBuckets && counts.count == upperBounds.count + 1
            && upperBounds.allSatisfy(\.isFinite)
            && zip(upperBounds, upperBounds.dropFirst()).allSatisfy { $0 < $1 }
    }
}
