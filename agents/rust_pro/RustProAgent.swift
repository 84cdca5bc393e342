internal import AgentRuntime
private import Glibc

/// The program: an agent, or the guard that an agent puts before each program that it runs.
@main
enum Main {
    static func main() {
        // A guard runs in the place where it is, without anything of an agent.
        if CallGuard.isAsked(by: CommandLine.arguments) {
            exit(CallGuard.run(CommandLine.arguments))
        }
        RustProAgent.main()
    }
}

/// The rust_pro agent: cargo with live output.
struct RustProAgent: Agent {
    static let id = "rust_pro"
    static let defaultPort: UInt16 = 50051
    static let summary = "Cargo with live output: check, build, test, clippy, doc, run, fmt"
    // Builds may go on for so long when the agent is asked to end; their guards then need up to two seconds more.
    static let gracePeriod: Duration = .seconds(6)

    /// How many programs run at once.
    ///
    /// Cargo waits for its turn by itself where two build the same project.
    private static let mostPrograms = 64

    static func make(in environment: AgentEnvironment) async throws -> AgentServices {
        let variables = ProcessEnvironment.variables()
        let operations = RustProOperations(
            programs: BoundedProgramRunner(GuardedProgramRunner(), most: mostPrograms),
            toolchain: RustToolchain(
                variables: variables, home: ProcessEnvironment.homeDirectory(variables)),
            paths: environment.paths
        ).all
        return AgentServices(
            operations: operations,
            typed: [
                RustProService(
                    operations: operations, eventLoop: environment.eventLoop,
                    logger: environment.logger)
            ])
    }
}
