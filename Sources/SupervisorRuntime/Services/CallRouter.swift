package import AgentAPI
package import GRPCCore
internal import LinuxIO
private import SwiftProtobuf
private import Synchronization

/// Passes calls on to the agents that they name.
package struct CallRouter: CallExecuting {
    private let fleet: Fleet
    private let sessions: FleetSessions

    /// Prepares to route.
    ///
    /// - Parameter fleet: The agents.
    package init(_ fleet: Fleet) {
        self.fleet = fleet
        sessions = FleetSessions(fleet)
    }

    package func execute(
        _ request: Op_Agents_V1_ExecuteRequest, metadata: CallMetadata
    ) async throws -> Op_Agents_V1_ExecuteResponse {
        try await route(request, metadata, naming: \.operation) { stub, request, _ in
            try await stub.execute(request: request) {
                try $0.message
            }
        }
    }

    package func executeStream(
        _ request: Op_Agents_V1_ExecuteRequest, metadata: CallMetadata,
        to writer: RPCWriter<Op_Agents_V1_ExecuteStreamResponse>
    ) async throws {
        try await route(request, metadata, naming: { _ in request.operation }) {
            stub, call, chunks in
            try await stub.executeStream(request: call) {
                for try await chunk in $0.messages {
                    chunks.count.add(1, ordering: .relaxed)
                    try await writer.write(chunk)
                }
            }
        }
    }

    /// Asks an agent for its operations.
    ///
    /// - Parameters:
    ///   - request: Names the agent.
    ///   - metadata: What came beside it.
    /// - Returns: The agent's answer.
    /// - Throws: NOT_FOUND; UNAVAILABLE where the agent does not serve.
    package func listOperations(
        _ request: Op_Agents_V1_ListOperationsRequest, metadata: CallMetadata
    ) async throws -> Op_Agents_V1_ListOperationsResponse {
        try await RunningCall(executor: fleet.loop).run(deadline: metadata.deadline) {
            try await fleet.call(request.agentID, session: "") { link in
                let stub = Op_Agents_V1_AgentService.Client(wrapping: link.client)
                return try await stub.listOperations(
                    request: ClientRequest(message: request, metadata: metadata.forwarded())
                ) { try $0.message }
            }
        }
    }

    private typealias Stub = Op_Agents_V1_AgentService.Client<AgentLink.Transport>

    private final class Chunks: Sendable {
        let count = Atomic(0)
    }

    /// Routes a call and counts it.
    private func route<Answer: Sendable>(
        _ request: Op_Agents_V1_ExecuteRequest, _ metadata: CallMetadata,
        naming operation: (Answer) -> String,
        _ forward:
            @escaping @Sendable (Stub, ClientRequest<Op_Agents_V1_ExecuteRequest>, Chunks)
            async throws -> Answer
    ) async throws -> Answer {
        let (start, chunks) = (MonotonicInstant.now, Chunks())
        let forwarded = ForwardedCall(executor: fleet.loop)
        func count(_ operation: String, _ status: Status.Code, by answerer: RoutedCalls.Answerer) {
            fleet.routedCalls.count(
                request.agentID, operation, status, since: start,
                chunks: chunks.count.load(ordering: .relaxed), by: answerer)
        }
        do {
            let answer = try await pass(request, metadata, as: forwarded) {
                try await forward($0, $1, chunks)
            }
            count(operation(answer), .ok, by: .agent)
            return answer
        } catch {
            let failure = RPCError(anyError: error)
            let isAgents = forwarded.isForwarded && !(failure.cause is AgentLost)
            count(
                request.operation, Status.Code(failure.code), by: isAgents ? .agent : .supervisor)
            throw error
        }
    }

    private func pass<Answer: Sendable>(
        _ request: Op_Agents_V1_ExecuteRequest, _ metadata: CallMetadata,
        as forwarded: ForwardedCall,
        _ forward:
            @escaping @Sendable (Stub, ClientRequest<Op_Agents_V1_ExecuteRequest>) async throws ->
            Answer
    ) async throws -> Answer {
        let arrival = ContinuousClock.now
        let limit = request.timeoutMs == 0 ? nil : Duration.milliseconds(request.timeoutMs)
        let call: @Sendable () async throws -> Answer = {
            try await fleet.call(request.agentID, session: request.sessionID) { link in
                try forwarded.forward()
                var request = request
                if let limit { request.reduceTimeout(limit, by: arrival.duration(to: .now)) }
                return try await forward(
                    Stub(wrapping: link.client),
                    ClientRequest(message: request, metadata: metadata.forwarded()))
            }
        }
        // Two calls in one: the outer ends when the caller leaves, the inner with the time limit and
        // the session.
        let loop = fleet.loop
        return try await RunningCall(executor: loop).run(deadline: metadata.deadline) {
            try await withTaskCancellationHandler {
                try await sessions.run(
                    RunningCall(executor: loop), in: request.sessionID, timeLimit: limit,
                    deadline: metadata.deadline
                ) { try await forwarded.run(call) }
            } onCancel: {
                forwarded.cancel()
            }
        }
    }
}

extension Op_Agents_V1_ExecuteRequest {
    /// Leaves the agent what is left of the time limit: waiting for its start counts too.
    fileprivate mutating func reduceTimeout(_ limit: Duration, by spent: Duration) {
        let left = (limit - spent) / Duration.milliseconds(1)
        timeoutMs = UInt32(max(1, left.rounded(.up)))
    }
}
