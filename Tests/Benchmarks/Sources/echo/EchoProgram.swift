internal import GRPCCore
internal import Glibc

/// The program that measures one transport, as a server or as a client, so that the two are processes
/// of their own.
enum EchoProgram<Transport: EchoTransport> {
    /// Does what the command line says, and ends the process.
    ///
    /// `serve` prints its port and serves until it is killed; the others call it and print a measurement
    /// as one line of JSON, but for `count`, which is for those who count its instructions.
    ///
    /// Not asynchronous: an asynchronous main leaves its thread to libdispatch, whose sigsuspend(2) has
    /// its mask in memory that cannot be written, and valgrind 3.19 writes there.
    static func main() -> Never {
        Task.detached {
            do {
                try await run(Arguments(CommandLine.arguments.dropFirst()))
                exit(EXIT_SUCCESS)
            } catch {
                let text = "\(CommandLine.arguments[0]): \(error)\n"
                _ = write(STDERR_FILENO, text, text.utf8.count)
                exit(error is Arguments.Invalid ? EX_USAGE : EXIT_FAILURE)
            }
        }
        while true { pause() }
    }

    private static func run(_ arguments: Arguments) async throws {
        let transport = try Transport()
        if arguments.command == "serve" {
            try await serve(transport)
            return
        }
        let caller: CallerKind = try arguments.choice("caller")
        let executor = caller == .pool ? nil : transport.executor
        try await withTaskExecutorPreference(executor) {
            try await call(transport, as: caller, arguments)
        }
    }

    private static func call(
        _ transport: Transport, as caller: CallerKind, _ arguments: Arguments
    ) async throws {
        let port = try arguments.count("port")
        let size = try arguments.count("size", default: 32)
        switch arguments.command {
        case "unary":
            let load = UnaryLoad(
                server: pid_t(clamping: try arguments.count("server")),
                duration: try arguments.duration("seconds"), messageSize: size,
                inFlight: try arguments.count("in-flight", default: 1))
            let connections = try arguments.count("connections", default: 1)
            let measurement = try await transport.withClients(connections, port: port) { clients in
                try await load.run(on: callers(caller, of: clients, transport))
            }
            print(measurement.json)
        case "upload", "download":
            let load = StreamLoad(
                server: pid_t(clamping: try arguments.count("server")),
                duration: try arguments.duration("seconds"), messageSize: size,
                direction: arguments.command == "upload" ? .upload : .download)
            let measurement = try await transport.withClients(1, port: port) { clients in
                try await load.run(on: clients[0])
            }
            print(measurement.json)
        case "connect":
            let load = ConnectLoad(
                server: pid_t(clamping: try arguments.count("server")),
                duration: try arguments.duration("seconds"))
            print(try await load.run(on: transport, port: port).json)
        case "count":
            let calls = try arguments.count("calls")
            let message = [UInt8](repeating: 0x6f, count: size)
            try await transport.withClients(1, port: port) { clients in
                for caller in try callers(caller, of: clients, transport) {
                    for _ in 0..<calls { _ = try await caller.echo(message) }
                }
            }
        default:
            throw arguments.unknownCommand
        }
    }

    private static func callers(
        _ kind: CallerKind, of clients: [EchoClient<Transport.Client>], _ transport: Transport
    ) throws -> [any EchoCaller] {
        guard kind == .direct else { return clients.map { transport.stubCaller(on: $0.client) } }
        return try clients.map { client in
            guard let caller = transport.directCaller(on: client.transport) else {
                throw RPCError(
                    code: .unimplemented,
                    message: "cannot call directly: the transport has no way past GRPCCore")
            }
            return caller
        }
    }

    private static func serve(_ transport: Transport) async throws {
        let listener = try transport.makeServer()
        var router = RPCRouter<Transport.Server>()
        EchoService().registerMethods(with: &router)
        let server = GRPCServer(transport: listener, router: router)
        try await withThrowingTaskGroup { group in
            group.addTask { try await server.serve() }
            print(try await transport.port(of: listener))
            fflush(nil)
            try await group.waitForAll()
        }
    }
}
