package import GRPCCore
package import LinuxIO
private import Synchronization

/// Counts the calls of one operation: by their outcomes, by how long they took, and the chunks of their answers.
///
/// Any thread may count at any time: counting is a few relaxed additions, without a lock or an allocation. A
/// reading that is taken meanwhile may have one call in one of its figures and not yet in another.
package final class CallCounter: Sendable {
    /// One for each code of google.rpc.Code, OK included.
    private static let statusCount = 17

    private let calls = InlineArray<17, Atomic<UInt64>> { _ in Atomic(0) }
    private let durations = InlineArray<26, Atomic<UInt64>> { _ in Atomic(0) }
    private let nanoseconds = Atomic<UInt64>(0)
    private let chunks = Atomic<UInt64>(0)

    /// Creates a counter that has counted nothing.
    package init() {}

    /// Counts a call that is over.
    ///
    /// - Parameters:
    ///   - status: How it ended.
    ///   - start: When it began.
    package func count(_ status: Status.Code, since start: MonotonicInstant) {
        let duration = MonotonicInstant.now.nanoseconds &- start.nanoseconds
        calls[min(max(status.rawValue, 0), Self.statusCount - 1)].add(1, ordering: .relaxed)
        durations[DurationBuckets.index(of: duration)].add(1, ordering: .relaxed)
        nanoseconds.add(duration, ordering: .relaxed)
    }

    /// Counts chunks of a streamed answer.
    ///
    /// - Parameter count: How many; one by default.
    package func countChunks(_ count: Int = 1) {
        chunks.add(UInt64(count), ordering: .relaxed)
    }

    /// Runs a call and counts it.
    ///
    /// - Parameter body: The call.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws.
    package func counting<Answer>(_ body: () async throws -> Answer) async throws -> Answer {
        let start = MonotonicInstant.now
        do {
            let answer = try await body()
            count(.ok, since: start)
            return answer
        } catch {
            count(Status.Code(RPCError(anyError: error).code), since: start)
            throw error
        }
    }

    /// What was counted so far.
    ///
    /// - Parameter operation: The operation's name.
    /// - Returns: The figures as they travel.
    package func reading(of operation: String) -> Op_Agents_V1_OperationMetrics {
        var reading = Op_Agents_V1_OperationMetrics()
        reading.operation = operation
        for status in 0..<Self.statusCount {
            let count = calls[status].load(ordering: .relaxed)
            if count > 0 { reading.callsByStatus[UInt32(status)] = count }
        }
        reading.durations.upperBounds = DurationBuckets.upperBounds
        reading.durations.counts = (0..<DurationBuckets.count).map {
            durations[$0].load(ordering: .relaxed)
        }
        reading.durations.sum = Double(nanoseconds.load(ordering: .relaxed)) / 1e9
        reading.streamedChunks = chunks.load(ordering: .relaxed)
        return reading
    }
}
