internal import GRPCCore
internal import HTTP2Transport
internal import LinuxIO

/// A kept connection to one port, and the way from its errors to ours.
///
/// It connects with the first call, and again after it was cut off.
final class Connection: Sendable {
    let client: GRPCClient<HTTP2ClientTransport>

    /// What is connected to, in the words of an error message.
    private let peer: String
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
        let client = GRPCClient(
            transport: HTTP2ClientTransport(target: address, eventLoop: eventLoop))
        peer = "\(role) at \(address)"
        self.client = client
        running = Task {
            // Calls report why they failed; that the connection ended is not an error of its own.
            try? await client.runConnections()
        }
    }

    /// Lets running calls finish, then closes.
    func close() async {
        client.beginGracefulShutdown()
        await running.value
    }

    /// Makes a call that is answered once.
    ///
    /// - Parameters:
    ///   - timeout: How long it may take; nil for no limit.
    ///   - call: The RPC: it is given its options and the handler of its response.
    /// - Returns: The answer.
    /// - Throws: The RPC's error.
    func unary<Answer: Sendable>(
        within timeout: Duration?,
        _ call: (
            CallOptions,
            @escaping @Sendable (ClientResponse<Answer>) async throws -> Result<Answer, RPCError>
        ) async throws -> Result<Answer, RPCError>
    ) async throws(AgentCallError) -> Answer {
        let outcome: Result<Answer, RPCError>
        do {
            // The handler returns errors instead of throwing them: so an error that is thrown came before
            // the handler ran, which is before the RPC had a stream to be sent on.
            outcome = try await call(options(timeout)) { $0.accepted.flatMap(\.message) }
        } catch {
            throw failure(error, timeout: timeout, hadStream: false)
        }
        do {
            return try outcome.get()
        } catch {
            throw failure(error, timeout: timeout, hadStream: true)
        }
    }

    /// Makes a call that is answered by a stream; returns when it has ended.
    ///
    /// - Parameters:
    ///   - timeout: How long it may take; nil for no limit.
    ///   - receive: Takes each message; nothing is read while it is busy.
    ///   - call: The RPC: it is given its options and the handler of its response.
    /// - Throws: The RPC's error, or CANCELLED where `receive` throws.
    func stream<Message: Sendable>(
        within timeout: Duration?, to receive: @escaping @Sendable (Message) async throws -> Void,
        _ call: (
            CallOptions,
            @escaping @Sendable (StreamingClientResponse<Message>) async throws -> Result<
                Void, any Error
            >
        ) async throws -> Result<Void, any Error>
    ) async throws(AgentCallError) {
        let outcome: Result<Void, any Error>
        do {
            outcome = try await call(options(timeout)) { response in
                do {
                    for try await message in response.messages { try await receive(message) }
                    return .success(())
                } catch {
                    return .failure(error)
                }
            }
        } catch {
            throw failure(error, timeout: timeout, hadStream: false)
        }
        do {
            try outcome.get()
        } catch {
            throw failure(error, timeout: timeout, hadStream: true)
        }
    }

    private func options(_ timeout: Duration?) -> CallOptions {
        var options = CallOptions.defaults
        options.timeout = timeout
        return options
    }

    private func failure(
        _ error: any Error, timeout: Duration?, hadStream: Bool
    ) -> AgentCallError {
        switch error {
        case let error as AgentCallError:
            return error
        case is CancellationError:
            return AgentCallError(.cancelled, "cannot finish the call: it was cancelled")
        case let error as RPCError where !hadStream && error.code == .deadlineExceeded:
            let limit = timeout.map { " within \($0)" } ?? ""
            return AgentCallError(
                .deadlineExceeded,
                "cannot get an answer from \(peer)\(limit); give the call more time")
        case let error as RPCError where !hadStream:
            return AgentCallError(
                error.code, "cannot reach \(peer): \(error.message)", wasSent: false)
        case let error as RPCError:
            return AgentCallError(error.code, error.message)
        default:
            return AgentCallError(.unknown, "cannot call \(peer): \(error)", wasSent: hadStream)
        }
    }
}
