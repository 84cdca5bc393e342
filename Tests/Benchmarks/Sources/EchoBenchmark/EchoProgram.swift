private import Glibc
internal import GRPCCore

/// The program that measures one transport, as a server or as a client, so that the two are processes
/// of their own.
public enum EchoProgram<Transport: EchoTransport> {
    private enum Command {
        case serve
        case call(port: Int, Load, callsFromTransportExecutor: Bool)

        static var usage: String { "serve | call PORT IN_FLIGHT SECONDS [pool|transport]" }

        init?(_ arguments: [String]) {
            if arguments == ["serve"] {
                self = .serve
                return
            }
            guard (4...5).contains(arguments.count), arguments[0] == "call",
                let port = Int(arguments[1]), let inFlight = Int(arguments[2]), inFlight > 0,
                let seconds = Double(arguments[3]), seconds > 0
            else { return nil }
            let caller = arguments.count == 5 ? arguments[4] : "pool"
            guard ["pool", "transport"].contains(caller) else { return nil }
            self = .call(
                port: port, Load(inFlight: inFlight, duration: .seconds(seconds)),
                callsFromTransportExecutor: caller == "transport")
        }
    }

    /// Does what the command line says.
    ///
    /// - `serve` prints its port and serves until it is killed.
    /// - `call` prints a measurement as one line of JSON. Its callers run on the concurrency pool or
    ///   on the transport's own executor.
    public static func main() async throws {
        guard let command = Command(Array(CommandLine.arguments.dropFirst())) else {
            let usage = "usage: \(CommandLine.arguments[0]) \(Command.usage)\n"
            _ = write(STDERR_FILENO, usage, usage.utf8.count)
            exit(EX_USAGE)
        }
        let transport = try Transport()
        switch command {
        case .serve:
            try await serve(transport)
        case .call(let port, let load, let callsFromTransportExecutor):
            let client = try transport.makeClient(port: port)
            let executor = callsFromTransportExecutor ? transport.executor : nil
            let measurement = try await withGRPCClient(transport: client) { client in
                try await withTaskExecutorPreference(executor) {
                    try await load.run(on: EchoClient(client: client))
                }
            }
            print(measurement.json)
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
