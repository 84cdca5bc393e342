internal import GRPCCore

/// A transport that is measured.
protocol EchoTransport: Sendable {
    associatedtype Server: ServerTransport
    associatedtype Client: ClientTransport

    /// The executor that the transport works on, where callers may run on it too.
    var executor: (any TaskExecutor)? { get }

    init() throws

    /// Makes a server transport for a free port of 127.0.0.1.
    func makeServer() throws -> Server

    /// The port that a server transport listens on, as soon as it does.
    func port(of server: Server) async throws -> Int

    /// Makes a client transport of one connection to a port of 127.0.0.1.
    func makeClient(port: Int) throws -> Client

    /// A caller that calls as a generated stub does.
    ///
    /// In each program, for its own transport's type, as programs have it: behind a protocol a generic one would not be
    /// specialized.
    ///
    /// - Parameter client: Its connections run.
    /// - Returns: The caller.
    func stubCaller(on client: GRPCClient<Client>) -> any EchoCaller

    /// A caller that passes GRPCCore by, to a server's method that does too.
    ///
    /// - Parameter client: Its connection runs.
    /// - Returns: The caller; nil where the transport has no such way.
    func directCaller(on client: Client) -> (any EchoCaller)?
}

extension EchoTransport {
    /// Runs clients for the time of a body.
    ///
    /// - Parameters:
    ///   - count: How many, each with a connection of its own.
    ///   - port: The server's.
    ///   - body: Calls; it runs where the caller runs.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws.
    func withClients<Result: Sendable>(
        _ count: Int, port: Int, _ body: ([EchoClient<Client>]) async throws -> Result
    ) async throws -> Result {
        let clients = try (0..<count).map { _ in EchoClient(transport: try makeClient(port: port)) }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            for client in clients {
                group.addTask { try await client.client.runConnections() }
            }
            let result = try await body(clients)
            for client in clients { client.client.beginGracefulShutdown() }
            try await group.waitForAll()
            return result
        }
    }
}
