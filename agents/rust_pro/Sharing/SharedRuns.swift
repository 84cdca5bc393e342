internal import AgentRuntime
private import Synchronization

/// Lets identical calls that are in flight at once share one run and its output, so that a client's retry does not
/// start a second build.
///
/// A call whose sources were changed after a run had begun gets a run of its own.
final class SharedRuns: Sendable {
    /// Everything that the answer depends on, but for the sources.
    struct Key: Sendable, Hashable {
        var command: CargoCommand
        var project: CargoProject
    }

    private final class Run: Sendable {
        let start = FileTime.now
        let output = OutputBroadcast()
        private let hasBegun = Atomic(false)
        private let result = Mutex<OperationResult?>(nil)

        /// Whether it is the caller's to do: true once.
        func begin() -> Bool {
            !hasBegun.exchange(true, ordering: .relaxed)
        }

        /// What came of it; nil where it was cancelled or failed, or is not over.
        var outcome: OperationResult? {
            get { result.withLock { $0 } }
            set { result.withLock { $0 = newValue } }
        }
    }

    private enum Event: Sendable {
        case over(OperationResult?)
        case followed
    }

    private let runs = Mutex<[Key: Run]>([:])
    private let coalescer = CallCoalescer<ObjectIdentifier, OperationResult?>(
        executor: globalConcurrentExecutor)

    /// Joins a run, or starts it.
    ///
    /// When the last of its callers is cancelled the run is, and that caller returns when the run is really over.
    ///
    /// - Parameters:
    ///   - key: Which run.
    ///   - sink: Takes the whole output of the run.
    ///   - body: The work, writing its output to the sink that it is given.
    /// - Returns: What the run returned.
    /// - Throws: What the run or the sink threw.
    func result(
        of key: Key, to sink: any OutputSink,
        _ body: @escaping @Sendable (any OutputSink) async throws -> OperationResult
    ) async throws -> OperationResult {
        let run = join(key)
        return try await withThrowingTaskGroup(of: Event.self) { group in
            // At once: who follows the output has joined the run, so that others may leave it.
            group.addImmediateTask { [self] in .over(try await carryOut(run, key, body)) }
            group.addTask {
                // Where the sink fails this throws, and the group leaves the run by being cancelled.
                try await run.output.follow(into: sink)
                return .followed
            }
            var outcome: OperationResult?
            while let event = try await group.next() {
                guard case .over(let result) = event else { continue }
                outcome = result
                if result == nil { break }
            }
            guard let outcome else {
                throw OperationError(
                    .unavailable,
                    "cannot share a run that was being cancelled when this call joined it; repeat the call"
                )
            }
            return outcome
        }
    }

    private func join(_ key: Key) -> Run {
        let candidate = runs.withLock { $0[key] }
        if let candidate, !SourceTree(key.project.directory).hasChanged(since: candidate.start) {
            return candidate
        }
        return runs.withLock { runs in
            // Somebody else may have been as quick.
            if let other = runs[key], other !== candidate { return other }
            let run = Run()
            runs[key] = run
            return run
        }
    }

    /// Does the work, or waits for whom does.
    private func carryOut(
        _ run: Run, _ key: Key,
        _ body: @escaping @Sendable (any OutputSink) async throws -> OperationResult
    ) async throws -> OperationResult? {
        try await coalescer.value(for: ObjectIdentifier(run)) {
            // Who comes when the run is just over still gets its result.
            guard run.begin() else { return run.outcome }
            defer {
                self.remove(run, key)
                run.output.finish()
            }
            return try await withTaskCancellationHandler {
                let result = try await body(run.output)
                run.outcome = result
                return result
            } onCancel: {
                self.remove(run, key)
            }
        }
    }

    private func remove(_ run: Run, _ key: Key) {
        runs.withLock { runs in
            if runs[key] === run { runs[key] = nil }
        }
    }
}
