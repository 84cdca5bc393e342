import AgentAPI
import GRPCCore
import HTTP2Transport
import LinuxIO

/// A port of a fleet with one agent, `test`, whose operations do what their names say.
struct FleetServer: Op_Agents_V1_AgentService.SimpleServiceProtocol {
    /// Told when a call of `wait` begins and when it is cancelled.
    let waiting: AsyncStream<Bool>.Continuation

    /// Serves on a free port while a body runs.
    ///
    /// - Parameters:
    ///   - waiting: Told when a call of `wait` begins (true) and when it is cancelled (false).
    ///   - body: Gets the address.
    /// - Throws: What keeps it from listening, and what the body throws.
    static func serve(
        waiting: AsyncStream<Bool>.Continuation = AsyncStream.makeStream().continuation,
        _ body: (SocketAddress) async throws -> Void
    ) async throws {
        let eventLoop = try EventLoop(name: "fleet-server")
        let transport = try HTTP2ServerTransport(
            listeners: [.address(.loopback(port: 0))], eventLoop: eventLoop)
        let server = GRPCServer(transport: transport, services: [FleetServer(waiting: waiting)])
        try await withThrowingTaskGroup { group in
            group.addTask { try await server.serve() }
            try await body(transport.localAddresses[0])
            group.cancelAll()
        }
        eventLoop.stop()
    }

    func startSession(
        request: Op_Agents_V1_StartSessionRequest, context: ServerContext
    ) async throws -> Op_Agents_V1_StartSessionResponse {
        var response = Op_Agents_V1_StartSessionResponse()
        response.sessionID = request.sessionID
        response.startedAgents = ["test"]
        return response
    }

    func endSession(
        request: Op_Agents_V1_EndSessionRequest, context: ServerContext
    ) async throws -> Op_Agents_V1_EndSessionResponse {
        var response = Op_Agents_V1_EndSessionResponse()
        response.cancelledCalls = 2
        return response
    }

    func execute(
        request: Op_Agents_V1_ExecuteRequest, context: ServerContext
    ) async throws -> Op_Agents_V1_ExecuteResponse {
        var response = Op_Agents_V1_ExecuteResponse()
        response.agentID = request.agentID
        response.operation = request.operation
        switch request.operation {
        case "echo":
            response.success = true
            response.resultJson = request.argumentsJson
        case "fail":
            response.error = "it failed"
        case "refuse":
            throw RPCError(code: .unavailable, message: "cannot run it: the agent starts")
        case "wait":
            waiting.yield(true)
            // Ends with the call.
            let endless = AsyncStream<Never> { _ in }
            for await _ in endless {}
            waiting.yield(false)
            throw RPCError(code: .cancelled, message: "cancelled")
        default:
            throw RPCError(code: .unimplemented, message: "cannot run \(request.operation)")
        }
        return response
    }

    func executeStream(
        request: Op_Agents_V1_ExecuteRequest,
        response: RPCWriter<Op_Agents_V1_ExecuteStreamResponse>, context: ServerContext
    ) async throws {
        guard request.operation == "count", let count = UInt64(request.argumentsJson) else {
            throw RPCError(code: .unimplemented, message: "cannot stream \(request.operation)")
        }
        for number in 0..<count {
            var chunk = Op_Agents_V1_ExecuteStreamResponse()
            chunk.sequence = number
            chunk.streamType = .stdout
            chunk.content = "\(number)\n"
            do {
                try await response.write(chunk)
            } catch {
                waiting.yield(false)
                throw error
            }
        }
        var last = Op_Agents_V1_ExecuteStreamResponse()
        last.sequence = count
        last.streamType = .result
        last.isFinal = true
        last.success = true
        last.resultJson = "{}"
        try await response.write(last)
    }

    func batchExecute(
        request: Op_Agents_V1_BatchExecuteRequest,
        response: RPCWriter<Op_Agents_V1_BatchExecuteResponse>, context: ServerContext
    ) async throws {
        for (index, call) in request.requests.enumerated() {
            var answer = Op_Agents_V1_BatchExecuteResponse()
            answer.index = UInt32(index)
            do {
                answer.result = try await execute(request: call, context: context)
            } catch {
                answer.error = Op_Agents_V1_CallError(error)
            }
            try await response.write(answer)
        }
    }

    func session(
        request: RPCAsyncSequence<Op_Agents_V1_SessionRequest, any Error>,
        response: RPCWriter<Op_Agents_V1_SessionResponse>, context: ServerContext
    ) async throws {
        throw RPCError(code: .unimplemented, message: "cannot converse")
    }

    func listAgents(
        request: Op_Agents_V1_ListAgentsRequest, context: ServerContext
    ) async throws -> Op_Agents_V1_ListAgentsResponse {
        Op_Agents_V1_ListAgentsResponse()
    }

    func listOperations(
        request: Op_Agents_V1_ListOperationsRequest, context: ServerContext
    ) async throws -> Op_Agents_V1_ListOperationsResponse {
        Op_Agents_V1_ListOperationsResponse()
    }
}
