internal import GRPCCore
private import GRPCProtobuf
internal import Glibc
internal import HTTP2Transport
internal import LinuxIO
internal import SwiftProtobuf

/// A kept connection to one port, and the way from its errors to ours.
///
/// It connects with the first call, and again after it was cut off.
final class Connection: Sendable {
    let client: GRPCClient<HTTP2ClientTransport>
    private let transport: HTTP2ClientTransport

    /// What is connected to, in the words of an error message.
    private let peer: String
    private let eventLoop: EventLoop
    private let gate = CallGate()
    /// Keeps the connection until it is closed.
    private let running: Task<Void, Never>

    /// Prepares a connection.
    ///
    /// - Parameters:
    ///   - address: Where to connect.
    ///   - role: What listens there, in the words of an error message.
    ///   - connectTimeout: How long connecting may take.
    ///   - eventLoop: Where it is served.
    init(
        to address: SocketAddress, role: String, connectTimeout: Duration, eventLoop: EventLoop
    ) {
        var configuration = HTTP2ClientTransport.Configuration()
        configuration.connectTimeout = connectTimeout
        let transport = HTTP2ClientTransport(
            target: address, configuration: configuration, eventLoop: eventLoop)
        let client = GRPCClient(transport: transport)
        self.transport = transport
        self.client = client
        self.eventLoop = eventLoop
        peer = "\(role) at \(address)"
        running = Task {
            // Calls report why they failed; that the connection ended is not an error of its own.
            try? await client.runConnections()
        }
    }

    /// Lets running calls finish, then closes.
    func close() async {
        await gate.close()
        client.beginGracefulShutdown()
        await running.value
    }

    /// Makes a call that is answered once.
    ///
    /// - Parameters:
    ///   - timeout: How long it may take; nil for no limit.
    ///   - call: The RPC: it is given its metadata and the handler of its response.
    /// - Returns: The answer.
    /// - Throws: The RPC's error.
    func unary<Answer: Sendable>(
        within timeout: Duration?,
        _ call: (
            Metadata,
            @escaping @Sendable (ClientResponse<Answer>) async throws -> Result<Answer, RPCError>
        ) async throws -> Result<Answer, RPCError>
    ) async throws(AgentCallError) -> Answer {
        try await outcome(within: timeout) { metadata in
            // On the loop the call is written, waited for and read without a change of threads.
            try await withTaskExecutorPreference(eventLoop) {
                try await call(metadata) { $0.accepted.flatMap(\.message) }.mapError { $0 }
            }
        }
    }

    /// Makes a call that is answered once without GRPCCore's client, which costs several times as much.
    ///
    /// - Parameters:
    ///   - method: A unary method.
    ///   - request: Its message.
    ///   - timeout: How long it may take; nil for no limit.
    /// - Returns: The answer.
    /// - Throws: The RPC's error.
    func direct<Request: Message, Answer: Message>(
        _ method: MethodDescriptor, _ request: Request, within timeout: Duration?
    ) async throws(AgentCallError) -> Answer {
        try await outcome(within: timeout) { metadata in
            await withTaskExecutorPreference(eventLoop) {
                let response = await transport.unary(
                    request: ClientRequest(message: request, metadata: metadata),
                    descriptor: method, serializer: ProtobufSerializer<Request>(),
                    deserializer: ProtobufDeserializer<Answer>())
                return response.accepted.flatMap(\.message).mapError { $0 }
            }
        }
    }

    /// Makes a call that is answered by a stream; returns when it has ended.
    ///
    /// - Parameters:
    ///   - timeout: How long it may take; nil for no limit.
    ///   - receive: Takes each message; nothing is read while it is busy.
    ///   - call: The RPC: it is given its metadata and the handler of its response.
    /// - Throws: The RPC's error, or CANCELLED where `receive` throws.
    func stream<Message: Sendable>(
        within timeout: Duration?, to receive: @escaping @Sendable (Message) async throws -> Void,
        _ call: (
            Metadata,
            @escaping @Sendable (StreamingClientResponse<Message>) async throws -> Result<
                Void, any Error
            >
        ) async throws -> Result<Void, any Error>
    ) async throws(AgentCallError) {
        try await outcome(within: timeout) { metadata in
            try await call(metadata) { response in
                do {
                    for try await message in response.messages { try await receive(message) }
                    return .success(())
                } catch {
                    return .failure(error)
                }
            }
        }
    }

    /// Makes a call and translates its error.
    ///
    /// - Parameters:
    ///   - timeout: How long it may take; nil for no limit.
    ///   - call: Returns what came from the connection, errors too; what it throws came from this side.
    /// - Returns: The answer.
    /// - Throws: The error in the client's own terms.
    private func outcome<Answer>(
        within timeout: Duration?, _ call: (Metadata) async throws -> Result<Answer, any Error>
    ) async throws(AgentCallError) -> Answer {
        // The loop may stop once the connection is closed, and a call that is still on it would never return.
        guard gate.enter() else {
            throw AgentCallError(
                .failedPrecondition, "cannot call \(peer): the client is closed; make another",
                wasSent: false)
        }
        defer { gate.leave() }
        // The transport keeps the time: GRPCCore would with two tasks more for each call.
        var metadata = Metadata()
        metadata.callTimeout = timeout
        do {
            return try await call(metadata).get()
        } catch {
            throw failure(error)
        }
    }

    private func failure(_ error: any Error) -> AgentCallError {
        switch error {
        case is CancellationError:
            return AgentCallError(.cancelled, "cannot finish the call: it was cancelled")
        case let error as RPCError:
            // The transport gives a system call as the cause where, and only where, it could not connect.
            guard error.code == .unavailable, let cause = error.cause as? SystemError else {
                return AgentCallError(error.code, error.message)
            }
            return AgentCallError(
                .unavailable, "cannot reach \(peer): \(String(cString: strerror(cause.code)))",
                wasSent: false)
        default:
            return AgentCallError(.unknown, "cannot call \(peer): \(error)")
        }
    }
}
