import AgentClient
import ArgumentParser

/// The verb `call`.
struct CallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "call",
        abstract: "Runs one operation of an agent.",
        discussion: """
            Prints the result as JSON. With --stream the operation's standard output and standard error come as \
            they appear, each on its own; its summary follows on standard error.

              op-agents call memory recall '{"key": "greeting"}'
              op-agents call rust_pro build '{"path": "."}' --stream
            """)

    @OptionGroup var fleet: FleetAddress

    @Argument(help: "The agent's name, such as memory.", completion: .agents)
    var agent: String

    @Argument(help: "The operation; `op-agents operations AGENT` lists them.")
    var operation: String

    @Argument(help: "The arguments as a JSON object; - reads it from standard input.")
    var json = "{}"

    @Flag(help: "Show the operation's output as it appears.")
    var stream = false

    @Option(help: "The session that the call belongs to.")
    var session: String?

    @Option(help: "How many seconds it may take; by default as long as the operation allows.")
    var timeout: Double?

    func validate() throws {
        guard let timeout else { return }
        guard timeout > 0, timeout <= OperationCaller.longestTimeout / .seconds(1) else {
            throw ValidationError("--timeout takes a number of seconds from 0.001 to 86400.")
        }
    }

    func run() async throws {
        let call = AgentCall(
            agent: agent, operation: operation,
            arguments: json == "-" ? try StandardInput.text() : json, sessionID: session,
            timeout: timeout.map { .milliseconds(max(1, Int64($0 * 1000))) })
        let success = try await OperationCaller.withClient(of: fleet) { client in
            stream ? try await self.stream(call, client) : try await answer(call, client)
        }
        if !success { throw ExitStatus.down.exit }
    }

    private func answer(_ call: AgentCall, _ client: GRPCAgentClient) async throws -> Bool {
        let result = try await client.execute(call)
        let isTerminal = StandardStream.output.isTerminal
        StandardStream.output.writeLine(isTerminal ? JSONLayout.indent(result.json) : result.json)
        if let failure = result.failure { StandardStream.error.writeLine("op-agents: \(failure)") }
        return result.success
    }

    private func stream(_ call: AgentCall, _ client: GRPCAgentClient) async throws -> Bool {
        var view = StreamView(
            progressWidth: StandardStream.error.isTerminal
                ? StandardStream.error.size.columns : nil,
            palette: Palette(
                isTerminal: StandardStream.error.isTerminal, environment: ProcessFacts.environment))
        var success = false
        for try await chunk in client.executeStream(call) {
            let piece = view.take(chunk)
            StandardStream.error.write(piece.error)
            StandardStream.output.write(piece.output)
            if case .result(let outcome) = chunk.kind { success = outcome.success }
        }
        return success
    }
}
