import AgentAPI
import GRPCCore
import LinuxIO
import Synchronization

@testable import AgentClient

/// Channels that answer what a test tells them to, and remember what they were asked.
final class ScriptedDialer: Dialing {
    /// What a channel is asked: the RPC, and the operation or the number of requests where there is one.
    struct Call: Hashable, Sendable {
        var address: SocketAddress
        var rpc: String
        var detail = ""
    }

    typealias Script = @Sendable (_ call: Call, _ times: Int) throws(AgentCallError) -> Void

    let agents: [AgentInfo.Place]
    /// Throws where a call is to fail; `times` counts equal calls from 1.
    private let script: Script
    private let log = Mutex<[Call]>([])
    private let closedChannels = Mutex(0)

    init(agents: [AgentInfo.Place] = [], script: @escaping Script = { _, _ in }) {
        self.agents = agents
        self.script = script
    }

    /// What was asked, in order.
    var calls: [Call] { log.withLock { $0 } }
    /// How many channels were closed.
    var closed: Int { closedChannels.withLock { $0 } }

    func dial(_ address: SocketAddress) -> any AgentChannel {
        ScriptedChannel(dialer: self, address: address)
    }

    func close() {}

    fileprivate func record(_ call: Call) throws(AgentCallError) {
        let times = log.withLock { log in
            log.append(call)
            return log.count { $0 == call }
        }
        try script(call, times)
    }

    fileprivate func recordClosing() { closedChannels.withLock { $0 += 1 } }
}

extension AgentInfo {
    /// An agent and where it listens.
    struct Place: Sendable {
        var id: String
        var address: String
    }
}

private struct ScriptedChannel: AgentChannel {
    let dialer: ScriptedDialer
    let address: SocketAddress

    private func record(_ rpc: String, _ detail: String = "") throws(AgentCallError) {
        try dialer.record(.init(address: address, rpc: rpc, detail: detail))
    }

    private var agents: [Op_Agents_V1_AgentInfo] {
        dialer.agents.map { place in
            var info = Op_Agents_V1_AgentInfo()
            info.id = place.id
            info.address = place.address
            info.state = .serving
            return info
        }
    }

    private func answer(_ request: Op_Agents_V1_ExecuteRequest) -> Op_Agents_V1_ExecuteResponse {
        var response = Op_Agents_V1_ExecuteResponse()
        response.agentID = request.agentID
        response.operation = request.operation.replacing("alias of ", with: "")
        response.success = true
        response.resultJson = request.argumentsJson
        return response
    }

    func startSession(
        _ request: Op_Agents_V1_StartSessionRequest, timeout: Duration?
    ) async throws(AgentCallError) -> Op_Agents_V1_StartSessionResponse {
        try record("StartSession", request.sessionID)
        var response = Op_Agents_V1_StartSessionResponse()
        response.sessionID = request.sessionID
        response.startedAgents = dialer.agents.map(\.id)
        response.agents = agents
        return response
    }

    func endSession(
        _ request: Op_Agents_V1_EndSessionRequest, timeout: Duration?
    ) async throws(AgentCallError) -> Op_Agents_V1_EndSessionResponse {
        try record("EndSession", request.sessionID)
        return Op_Agents_V1_EndSessionResponse()
    }

    func listAgents(timeout: Duration?) async throws(AgentCallError)
        -> Op_Agents_V1_ListAgentsResponse
    {
        try record("ListAgents")
        var response = Op_Agents_V1_ListAgentsResponse()
        response.agents = agents
        return response
    }

    func listOperations(
        _ request: Op_Agents_V1_ListOperationsRequest, timeout: Duration?
    ) async throws(AgentCallError) -> Op_Agents_V1_ListOperationsResponse {
        try record("ListOperations", request.agentID)
        var recall = Op_Agents_V1_OperationInfo()
        recall.name = "recall"
        recall.readOnly = true
        var response = Op_Agents_V1_ListOperationsResponse()
        response.operations = [recall]
        return response
    }

    func execute(
        _ request: Op_Agents_V1_ExecuteRequest, timeout: Duration?
    ) async throws(AgentCallError) -> Op_Agents_V1_ExecuteResponse {
        try record("Execute", request.operation)
        return answer(request)
    }

    func executeStream(
        _ request: Op_Agents_V1_ExecuteRequest, timeout: Duration?,
        receive: @escaping @Sendable (Op_Agents_V1_ExecuteStreamResponse) async throws -> Void
    ) async throws(AgentCallError) {
        try record("ExecuteStream", request.operation)
        var line = Op_Agents_V1_ExecuteStreamResponse()
        line.streamType = .stderr
        line.content = "Compiling\n"
        var result = Op_Agents_V1_ExecuteStreamResponse()
        result.sequence = 1
        result.streamType = .result
        result.isFinal = true
        result.success = true
        result.exitCode = 0
        result.resultJson = "{}"
        switch request.operation {
        case "endless output":
            // Ends with the first that finds no reader.
            while true { try await deliver([line], to: receive) }
        case "endless end":
            try await deliver([line, result], to: receive)
            // Nobody writes to it: it ends when the call is cancelled.
            let never = AsyncStream<Void> { _ in }
            for await _ in never {}
            throw AgentCallError(.cancelled, "cannot finish the call: it was cancelled")
        default:
            try await deliver([line, result], to: receive)
        }
    }

    func batchExecute(
        _ request: Op_Agents_V1_BatchExecuteRequest, timeout: Duration?,
        receive: @escaping @Sendable (Op_Agents_V1_BatchExecuteResponse) async throws -> Void
    ) async throws(AgentCallError) {
        try record("BatchExecute", "\(request.requests.count)")
        let answered = request.requests.enumerated().filter { $1.operation != "say nothing" }
        // Backwards, as calls that run at once may finish.
        let responses = answered.reversed().map { index, call in
            var response = Op_Agents_V1_BatchExecuteResponse()
            response.index = UInt32(index)
            if call.operation == "fail" {
                response.error.code = .notFound
                response.error.message = "cannot find it"
            } else {
                response.result = answer(call)
            }
            return response
        }
        try await deliver(responses, to: receive)
    }

    func close() async { dialer.recordClosing() }

    private func deliver<Message: Sendable>(
        _ messages: [Message], to receive: @Sendable (Message) async throws -> Void
    ) async throws(AgentCallError) {
        do {
            for message in messages { try await receive(message) }
        } catch {
            // The reader went away.
            throw AgentCallError(.cancelled, "cannot finish the call: it was cancelled")
        }
    }
}
