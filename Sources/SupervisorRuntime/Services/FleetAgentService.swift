package import AgentAPI
internal import AgentManifest
package import GRPCCore
internal import LinuxIO
internal import Supervision
private import SwiftProtobuf

/// `op.agents.v1.AgentService` for the whole fleet.
package struct FleetAgentService: Op_Agents_V1_AgentService.ServiceProtocol {
    private static let mostMetadataEntries = 32
    private static let longestText = 1024
    /// Of all metadata of a session, in bytes: every change of the session saves it again.
    private static let mostMetadataBytes = 4096
    private static let longestClientName = 128

    private let fleet: Fleet
    private let router: CallRouter

    /// Prepares to serve.
    ///
    /// - Parameter fleet: The agents and sessions.
    package init(_ fleet: Fleet) {
        self.fleet = fleet
        router = CallRouter(fleet)
    }

    package func startSession(
        request: ServerRequest<Op_Agents_V1_StartSessionRequest>, context: ServerContext
    ) async throws -> ServerResponse<Op_Agents_V1_StartSessionResponse> {
        let message = request.message
        let id = try Self.sessionID(of: message)
        try Self.check(message)
        let deadline = CallMetadata(request.metadata, of: context).deadline
        try await RunningCall(executor: fleet.loop).run(deadline: deadline) {
            try await fleet.startSession(
                id, client: message.clientName, metadata: message.metadata,
                prewarm: message.prewarm)
        }
        let agents = await fleet.snapshots
        return ServerResponse(
            message: .with {
                $0.sessionID = id.rawValue
                $0.startedAgents = agents.filter(\.state.acceptsCalls).map(\.manifest.id.rawValue)
                $0.agents = agents.map(Op_Agents_V1_AgentInfo.init)
            })
    }

    package func endSession(
        request: ServerRequest<Op_Agents_V1_EndSessionRequest>, context: ServerContext
    ) async throws -> ServerResponse<Op_Agents_V1_EndSessionResponse> {
        let name = request.message.sessionID
        guard let id = Supervision.SessionID(rawValue: name) else {
            throw RPCError.unknownSession(name)
        }
        let count = try await fleet.endSession(id)
        return ServerResponse(message: .with { $0.cancelledCalls = UInt32(count) })
    }

    package func execute(
        request: ServerRequest<Op_Agents_V1_ExecuteRequest>, context: ServerContext
    ) async throws -> ServerResponse<Op_Agents_V1_ExecuteResponse> {
        ServerResponse(
            message: try await router.execute(
                request.message, metadata: CallMetadata(request.metadata, of: context)))
    }

    package func executeStream(
        request: ServerRequest<Op_Agents_V1_ExecuteRequest>, context: ServerContext
    ) async throws -> StreamingServerResponse<Op_Agents_V1_ExecuteStreamResponse> {
        StreamingServerResponse { writer in
            try await router.executeStream(
                request.message, metadata: CallMetadata(request.metadata, of: context), to: writer)
            return [:]
        }
    }

    package func batchExecute(
        request: ServerRequest<Op_Agents_V1_BatchExecuteRequest>, context: ServerContext
    ) async throws -> StreamingServerResponse<Op_Agents_V1_BatchExecuteResponse> {
        StreamingServerResponse { writer in
            let metadata = CallMetadata(request.metadata, of: context)
            try await RunningCall(executor: fleet.loop).run(deadline: metadata.deadline) {
                try await BatchExecution(router).run(
                    request.message, metadata: metadata, to: writer)
            }
            return [:]
        }
    }

    package func session(
        request: StreamingServerRequest<Op_Agents_V1_SessionRequest>, context: ServerContext
    ) async throws -> StreamingServerResponse<Op_Agents_V1_SessionResponse> {
        StreamingServerResponse { writer in
            let conversation = SessionConversation(
                executor: router, sessions: FleetSessions(fleet), taskExecutor: fleet.loop)
            try await conversation.run(
                request.messages, metadata: CallMetadata(request.metadata, of: context), to: writer)
            return [:]
        }
    }

    package func listAgents(
        request: ServerRequest<Op_Agents_V1_ListAgentsRequest>, context: ServerContext
    ) async throws -> ServerResponse<Op_Agents_V1_ListAgentsResponse> {
        let agents = await fleet.snapshots
        return ServerResponse(
            message: .with { $0.agents = agents.map(Op_Agents_V1_AgentInfo.init) })
    }

    package func listOperations(
        request: ServerRequest<Op_Agents_V1_ListOperationsRequest>, context: ServerContext
    ) async throws -> ServerResponse<Op_Agents_V1_ListOperationsResponse> {
        ServerResponse(
            message: try await router.listOperations(
                request.message, metadata: CallMetadata(request.metadata, of: context)))
    }
}

// MARK: - What is taken

extension FleetAgentService {
    private static func sessionID(
        of message: Op_Agents_V1_StartSessionRequest
    ) throws(RPCError) -> Supervision.SessionID {
        let name =
            message.sessionID.isEmpty ? AgentAPI.SessionID.random() : message.sessionID
        try AgentAPI.SessionID.check(name)
        guard let id = Supervision.SessionID(rawValue: name) else {
            throw RPCError(
                code: .invalidArgument, message: "cannot use the session id; send another")
        }
        return id
    }

    private static func check(
        _ message: Op_Agents_V1_StartSessionRequest
    ) throws(RPCError) {
        guard message.clientName.utf8.count <= longestClientName else {
            throw RPCError(
                code: .invalidArgument,
                message: "cannot take a client_name of \(message.clientName.utf8.count) bytes: "
                    + "send at most \(longestClientName)")
        }
        guard message.metadata.count <= mostMetadataEntries else {
            throw RPCError(
                code: .invalidArgument,
                message: "cannot keep \(message.metadata.count) entries of metadata: send at most "
                    + "\(mostMetadataEntries)")
        }
        for (key, value) in message.metadata
        where key.utf8.count + value.utf8.count > longestText {
            throw RPCError(
                code: .invalidArgument,
                message: "cannot keep the metadata \"\(key.prefix(64))\": its key and value have "
                    + "more than \(longestText) bytes together; send less")
        }
        let bytes = message.metadata.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
        guard bytes <= mostMetadataBytes else {
            throw RPCError(
                code: .invalidArgument,
                message:
                    "cannot keep \(bytes) bytes of metadata: send at most \(mostMetadataBytes) in all"
            )
        }
    }
}
