internal import Glibc
internal import LinuxIO

/// The transport as a program, so that peers in other languages can be set against it: a server, and a
/// client, of the gRPC interoperability tests
/// (https://github.com/grpc/grpc/blob/master/doc/interop-test-descriptions.md).
@main
struct TransportPeer {
    static func main() async {
        do {
            try await run(CommandLine.arguments.dropFirst())
        } catch let error as UsageError {
            exit(64, saying: "\(error)")
        } catch {
            exit(1, saying: "\(error)")
        }
    }

    private static func run(_ arguments: ArraySlice<String>) async throws {
        switch arguments.first {
        case "serve": try await ServeCommand(arguments.dropFirst()).run()
        case "call": try await CallCommand(arguments.dropFirst()).run()
        case "outcomes": try await OutcomesCommand(arguments.dropFirst()).run()
        case "work": try await WorkCommand(arguments.dropFirst()).run()
        case let verb?: throw UsageError(reason: "there is no command \(verb)")
        case nil: throw UsageError(reason: "it was given no command")
        }
    }

    private static func exit(_ status: CInt, saying text: String) -> Never {
        let line = Array("\(text)\n".utf8)
        write(STDERR_FILENO, line, line.count)
        Glibc.exit(status)
    }
}
