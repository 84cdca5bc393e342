import AgentAPI
import AgentRuntime
import Testing

@testable import RustProAgent

/// What the typed door makes of requests and results.
struct RustProServiceTests {
    @Test func aRequestThatSaysNothingLeavesTheDefaults() throws {
        #expect(Op_Agents_V1_RustProCargoRequest().arguments.isEmpty)
        #expect(Op_Agents_V1_RustProTestRequest().arguments.isEmpty)
        #expect(Op_Agents_V1_RustProRunRequest().arguments.isEmpty)
        #expect(Op_Agents_V1_RustProFmtRequest().arguments.isEmpty)
        #expect(Op_Agents_V1_RustProVersionRequest().arguments.isEmpty)
    }

    @Test func everyFieldIsAnArgumentOfTheOperation() throws {
        var cargo = Op_Agents_V1_RustProCargoRequest()
        cargo.path = "crate"
        cargo.package = "greeter"
        cargo.features = ["a", "b"]
        cargo.allFeatures = true
        cargo.release = true
        cargo.args = ["--locked"]
        cargo.env = ["A": "b"]
        cargo.timeoutSecs = 5

        var clippy = cargo
        clippy.allTargets = true
        clippy.fix = true
        let clippyCommand = try command(.clippy, clippy.arguments)
        #expect(clippyCommand.fixes)
        #expect(clippyCommand.timeLimit == .seconds(5))
        #expect(clippyCommand.environment == ["A": "b"])
        #expect(
            Array(clippyCommand.arguments.dropFirst(2)) == [
                "--package", "greeter", "--features", "a,b", "--all-features", "--release",
                "--all-targets", "--fix", "--locked",
            ])

        var test = Op_Agents_V1_RustProTestRequest()
        test.cargo = cargo
        test.filter = "adds"
        test.noRun = true
        #expect(try command(.test, test.arguments).runsNothing)
        #expect(try command(.test, test.arguments).arguments.contains("adds"))

        var run = Op_Agents_V1_RustProRunRequest()
        run.cargo = cargo
        run.bin = "greet"
        run.stdin = "Ada"
        #expect(try command(.run, run.arguments).input == Array("Ada".utf8))

        var fmt = Op_Agents_V1_RustProFmtRequest()
        fmt.check = false
        #expect(fmt.arguments == ["check": false])
    }

    private func command(
        _ subcommand: CargoSubcommand, _ arguments: [String: JSONValue]
    ) throws -> CargoCommand {
        try CargoCommand(
            subcommand,
            Arguments(
                json: JSONValue.object(arguments).text,
                expecting: CargoCommand.arguments(of: subcommand)))
    }

    private func result(
        of capture: String, as subcommand: CargoSubcommand, end: ProgramEnd
    ) throws -> Op_Agents_V1_RustProCargoResult {
        let output = try CapturedOutput(capture).understood(as: subcommand).output
        let result = CargoResult(
            command: try command(subcommand, [:]), output: output, end: end,
            duration: .milliseconds(1250))
        return Op_Agents_V1_RustProCargoResult(
            result.operationResult, duration: .milliseconds(1300))
    }

    @Test func aFailedBuildIsTold() throws {
        let message = try result(of: "broken-build", as: .build, end: .exited(101))
        #expect(!message.success)
        #expect(message.exitCode == 101)
        #expect(message.errors == 2)
        #expect(message.warnings == 2)
        #expect(message.durationMs == 1300)
        #expect(!message.hasTests)
        #expect(message.diagnostics.map(\.level) == [.error, .error, .warning, .warning])
        let first = try #require(message.diagnostics.first)
        #expect(first.code == "E0425")
        #expect(first.file == "src/main.rs")
        #expect(first.line == 4)
        #expect(first.column == 15)
        #expect(first.suggestion.contains("`String`"))
        #expect(
            message.summary
                == "build failed in 1.3 s: 2 errors, the first is src/main.rs:4:15: cannot find type `Strng` in this scope"
        )
    }

    @Test func failedTestsAreTold() throws {
        let message = try result(of: "failing-test", as: .test, end: .exited(101))
        #expect(message.tests.passed == 4)
        #expect(message.tests.failed == 5)
        #expect(message.tests.ignored == 1)
        #expect(message.tests.testsRun == 9)
        #expect(message.tests.failures.count == 5)
        #expect(message.tests.failures.first?.location == "src/lib.rs:29:9")
    }

    @Test func anEndBySignalIsTold() throws {
        let message = try result(of: "greeter-build", as: .build, end: .signalled(9))
        #expect(!message.success)
        #expect(message.exitCode == 137)
        #expect(message.summary == "build failed in 1.3 s: it was ended by signal 9")
    }

    @Test func whatCargoRefusesIsADiagnostic() throws {
        let message = try result(of: "bad-manifest", as: .build, end: .exited(101))
        #expect(message.errors == 1)
        #expect(message.diagnostics.first?.message.hasPrefix("failed to parse manifest") == true)
        #expect(message.diagnostics.first?.line == 0)
    }
}
