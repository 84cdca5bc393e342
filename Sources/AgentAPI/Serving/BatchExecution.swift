package import GRPCCore

/// `BatchExecute`: fans the requests of a batch out, and answers each, results and errors alike, in the stream.
package struct BatchExecution: Sendable {
    /// The most requests in a batch.
    package static let maxRequests = 1000
    /// The most requests of a parallel batch that run at once.
    package static let maxConcurrent = 32

    private let executor: any CallExecuting

    /// Creates the execution.
    ///
    /// - Parameter executor: Runs each request.
    package init(_ executor: any CallExecuting) {
        self.executor = executor
    }

    /// Runs a batch; returns when all of it is answered.
    ///
    /// - Parameters:
    ///   - batch: The batch; its session applies to the requests that name none.
    ///   - metadata: Goes with every request.
    ///   - writer: Takes the answers, as the requests finish, or in their order where the batch is not parallel.
    /// - Throws: INVALID_ARGUMENT for too many requests; what the writer throws, which cancels the rest.
    package func run(
        _ batch: Op_Agents_V1_BatchExecuteRequest, metadata: CallMetadata,
        to writer: RPCWriter<Op_Agents_V1_BatchExecuteResponse>
    ) async throws {
        guard batch.requests.count <= Self.maxRequests else {
            throw RPCError(
                code: .invalidArgument,
                message: "cannot run a batch of \(batch.requests.count) requests: at most "
                    + "\(Self.maxRequests) are taken; split it")
        }
        var waiting = batch.requests.enumerated().makeIterator()
        try await withThrowingTaskGroup(of: Op_Agents_V1_BatchExecuteResponse.self) { group in
            func startNext() {
                guard let (index, request) = waiting.next() else { return }
                group.addTask {
                    try await answer(
                        to: request, at: index, session: batch.sessionID, metadata: metadata)
                }
            }
            for _ in 0..<(batch.parallel ? Self.maxConcurrent : 1) { startNext() }
            while let answer = try await group.next() {
                startNext()
                try await writer.write(answer)
            }
        }
    }

    private func answer(
        to request: Op_Agents_V1_ExecuteRequest, at index: Int, session: String,
        metadata: CallMetadata
    ) async throws -> Op_Agents_V1_BatchExecuteResponse {
        var request = request
        if request.sessionID.isEmpty { request.sessionID = session }
        var answer = Op_Agents_V1_BatchExecuteResponse()
        answer.index = UInt32(index)
        do {
            answer.result = try await executor.execute(request, metadata: metadata)
        } catch {
            try Task.checkCancellation()
            answer.error = Op_Agents_V1_CallError(error)
        }
        return answer
    }
}
