public import GRPCCore

/// A transport that is measured.
public protocol EchoTransport: Sendable {
    associatedtype Server: ServerTransport
    associatedtype Client: ClientTransport

    /// The executor that the transport works on, where callers may run on it too.
    var executor: (any TaskExecutor)? { get }

    init() throws

    /// Makes a server transport for a free port of 127.0.0.1.
    func makeServer() throws -> Server

    /// The port that a server transport listens on, as soon as it does.
    func port(of server: Server) async throws -> Int

    /// Makes a client transport for a port of 127.0.0.1.
    func makeClient(port: Int) throws -> Client
}
