import AgentAPI
import AgentClient
import AgentManifest
import ArgumentParser
import Glibc

/// The verb `doctor`.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Looks for what keeps the fleet from working, and says the remedy.",
        discussion: """
            It looks at the configuration, the supervisor, ports, directories, callers, toolchains, systemd, \
            control groups, limits, the kernel and the clock, and changes nothing. A supervisor need not run; \
            where one does, it and what it sees count. As root it sees more. Exits with 1 where anything is \
            wrong that keeps something from working.
            """)

    @OptionGroup var fleet: FleetAddress

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let examination = Examination(await surroundings())
        if json {
            let report = try Report.json(DoctorReport(examination.findings))
            StandardStream.output.writeLine(JSONLayout.indent(report))
        } else {
            let palette = Palette(
                isTerminal: StandardStream.output.isTerminal, environment: ProcessFacts.environment)
            for line in FindingsView.lines(examination.findings, palette) {
                StandardStream.output.writeLine(line)
            }
        }
        if examination.exitStatus != .fine { throw examination.exitStatus.exit }
    }

    private func surroundings() async -> Surroundings {
        var environment = ProcessFacts.environment
        let own = load(in: environment, userID: getuid())
        let address =
            fleet.address ?? environment["OP_AGENTS_ADDRESS"]
            ?? (try? own.get())?.supervisor.addresses.first?.description
            ?? FleetAddress.defaultAddress
        let status = await Self.ask(address)
        guard let process = (try? status.get()).map({ "/proc/\($0.pid)" }),
            let text = SmallFile.text(process + "/environ"), let facts = FileFacts(process)
        else {
            return Surroundings(
                configuration: own, supervisor: status, environment: environment, userID: getuid())
        }
        // As the supervisor that runs would read it again, from where it finds directories and programs.
        environment = ProcessFacts.variables(text.split(separator: "\0").map(String.init))
        return Surroundings(
            configuration: load(in: environment, userID: facts.owner), supervisor: status,
            environment: environment, userID: facts.owner)
    }

    private func load(
        in environment: [String: String], userID: UInt32
    ) -> Result<FleetConfiguration, ConfigurationError> {
        let file = fleet.config ?? ProcessFacts.environment["OP_AGENTS_CONFIG"]
        let loader = ProcessFacts.configurationLoader(
            file: file, environment: environment, userID: userID)
        return Result { () throws(ConfigurationError) in try loader.load() }
    }

    private static func ask(
        _ address: String
    ) async -> Result<Op_Supervisor_V1_StatusResponse, AgentCallError> {
        do throws(AgentCallError) {
            let supervisor = try SupervisorClient(address: address)
            let result: Result<Op_Supervisor_V1_StatusResponse, AgentCallError>
            do throws(AgentCallError) {
                result = .success(try await supervisor.status())
            } catch {
                result = .failure(error)
            }
            await supervisor.close()
            return result
        } catch {
            return .failure(error)
        }
    }
}
