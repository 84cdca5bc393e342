import AgentRuntime
import FoundationEssentials
import Glibc
import Logging
import Testing

@testable import RustProAgent

/// With the real cargo, on copies of the crates in Tests/Fixtures/crates.
@Suite(.timeLimit(.minutes(5)))
struct CargoRunnerTests {
    private let directory: TemporaryDirectory
    private let operations: [Operation]

    init() throws {
        let directory = try TemporaryDirectory()
        let variables = ProcessEnvironment.variables()
        let home = ProcessEnvironment.homeDirectory(variables)
        self.directory = directory
        operations =
            RustProOperations(
                programs: GuardedProgramRunner.beside,
                toolchain: RustToolchain(variables: variables, home: home),
                paths: PathConfinement(roots: [directory.path], base: directory.path, home: home)
            ).all
    }

    private func run(
        _ name: String, _ arguments: JSONValue, to sink: RecordingSink = RecordingSink()
    ) async throws -> OperationResult {
        try await run(name, json: arguments.text, to: sink, of: operations)
    }

    private func run(
        _ name: String, json: String, to sink: RecordingSink, of operations: [Operation]
    ) async throws -> OperationResult {
        let operation = try OperationTable(agentID: "rust_pro", operations: operations)
            .operation(named: name)
        return try await operation.body(
            Arguments(json: json, expecting: operation.arguments),
            CallContext(
                sessionID: nil, requestID: "test", output: sink, logger: Logger(label: "test")))
    }

    private func error(
        _ name: String, _ arguments: JSONValue, of operations: [Operation]? = nil
    ) async -> OperationError? {
        await error(name, json: arguments.text, of: operations ?? self.operations)
    }

    private func error(
        _ name: String, json: String, of operations: [Operation]
    ) async -> OperationError? {
        do {
            _ = try await run(name, json: json, to: RecordingSink(), of: operations)
            return nil
        } catch {
            return error as? OperationError
        }
    }

    @Test func aWorkspaceIsBuiltTestedAndRun() async throws {
        let path = try directory.crate("greeter")
        let building = RecordingSink()
        let built = try await run("build", ["path": .string(path)], to: building)
        #expect(built.success)
        #expect(built.exitCode == 0)
        #expect(built.fields["errors"] == 0)
        #expect(built.summary.hasPrefix("build succeeded in "))
        #expect(building.text(.stdout).isEmpty)
        #expect(building.text(.stderr).contains("   Compiling greeter-words v0.1.0"))
        #expect(building.text(.stderr).contains("Finished"))
        #expect(building.text(.progress).hasSuffix("3/3"))
        #expect(building.count(.stderr) >= 4)

        let testing = RecordingSink()
        let tested = try await run("test", ["path": .string(path)], to: testing)
        #expect(tested.success)
        #expect(tested.fields["tests_run"] == 11)
        #expect(tested.fields["passed"] == 11)
        #expect(tested.summary.hasPrefix("11 tests passed in "))
        #expect(
            testing.text(.stdout).contains("test people::tests::two_people_need_no_comma ... ok\n"))

        let running = RecordingSink()
        let ran = try await run(
            "run",
            ["path": .string(path), "bin": "greet", "args": ["fr", "Ada"], "stdin": "Zoé\n"],
            to: running)
        #expect(ran.success)
        #expect(running.text(.stdout) == "Bonjour, Ada et Zoé!\n")

        let failed = try await run("run", ["path": .string(path), "bin": "greet", "args": "tlh"])
        #expect(!failed.success)
        #expect(failed.exitCode == 2)
    }

    @Test func featuresAndPackagesAreSelected() async throws {
        let path = try directory.crate("greeter")
        let sink = RecordingSink()
        let result = try await run(
            "run",
            [
                "path": .string(path), "package": "greeter-cli", "features": "greeter/loud",
                "args": ["en", "Ada"],
            ], to: sink)
        #expect(result.success)
        #expect(sink.text(.stdout) == "HELLO, ADA!\n")
        let unknown = try await run("check", ["path": .string(path), "package": "nobody"])
        #expect(!unknown.success)
        #expect(unknown.error?.contains("nobody") == true)
        #expect(unknown.fields["errors"] == 1)
    }

    @Test func aBrokenProjectIsAnAnswer() async throws {
        let path = try directory.crate("broken")
        for name in ["check", "build", "clippy", "test"] {
            let result = try await run(name, ["path": .string(path)])
            #expect(!result.success)
            #expect(result.exitCode == 101)
            #expect(result.fields["errors"] == 2)
            #expect(result.error?.contains("src/main.rs:4:15") == true)
        }
    }

    @Test func failingTestsAreAnAnswer() async throws {
        let path = try directory.crate("failing")
        let result = try await run("test", ["path": .string(path)])
        #expect(!result.success)
        #expect(result.fields["passed"] == 4)
        #expect(result.fields["failed"] == 5)
        #expect(result.fields["ignored"] == 1)
        #expect(
            result.error
                == "cannot pass the tests: 5 of 9 tests failed, the first is tests::adds_one_and_two at src/lib.rs:29:9"
        )
    }

    @Test func aRunWithoutATestIsNoSuccess() async throws {
        let path = try directory.crate("failing")
        let result = try await run("test", ["path": .string(path), "filter": "nosuch"])
        #expect(!result.success)
        #expect(result.exitCode == 0)
        #expect(result.fields["tests_run"] == 0)
        #expect(result.fields["note"] == "no test ran: the filter left out all 8")
        let built = try await run("test", ["path": .string(path), "no_run": true])
        #expect(built.success)
    }

    @Test func documentationIsBuilt() async throws {
        let path = try directory.crate("greeter")
        #expect(try await run("doc", ["path": .string(path)]).success)
        #expect(access("\(path)/target/doc/greeter/index.html", F_OK) == 0)
    }

    @Test func clippyAppliesSuggestionsWhereAskedTo() async throws {
        let path = try directory.crate("broken")
        try FileManager.default.removeItem(atPath: "\(path)/src/main.rs")
        let found = try await run("clippy", ["path": .string(path)])
        #expect(found.success)
        #expect(found.fields["warnings"] == 2)
        let fixed = try await run(
            "clippy", ["path": .string(path), "fix": true, "args": ["--allow-no-vcs"]])
        #expect(fixed.success)
        #expect(try await run("clippy", ["path": .string(path)]).fields["warnings"] == 0)
    }

    @Test func formattingSaysWhatWouldChangeAndDoesIt() async throws {
        let path = try directory.crate("greeter")
        #expect(try await run("fmt", ["path": .string(path)]).success)
        let file = "\(path)/greeter/src/lib.rs"
        try "pub fn  ugly( ){}\n".write(toFile: file, atomically: true, encoding: .utf8)
        let package: JSONValue = .string("\(path)/greeter")

        let checked = try await run("format", ["path": package])
        #expect(!checked.success)
        guard case .string(let difference) = checked.fields["diff"] else {
            Issue.record("there is no difference")
            return
        }
        #expect(difference.contains("+pub fn ugly() {}"))
        let formatted = try await run("fmt", ["path": package, "check": false])
        #expect(formatted.success)
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "pub fn ugly() {}\n")

        try "pub fn {".write(toFile: file, atomically: true, encoding: .utf8)
        let unreadable = try await run("fmt", ["path": package])
        #expect(!unreadable.success)
        #expect(unreadable.error?.hasPrefix("cannot format the sources: ") == true)
    }

    @Test func theToolchainIsNamed() async throws {
        let result = try await run("version", [:])
        for name in ["rustc", "cargo"] {
            guard case .object(let tool) = result.fields[name],
                case .string(let version) = tool["version"],
                case .string(let path) = tool["path"]
            else {
                Issue.record("\(name) is missing")
                continue
            }
            #expect(version.split(separator: ".").count == 3)
            #expect(ExecutableSearch.isExecutable(path))
        }
    }

    @Test func whatIsNoProjectIsRefused() async throws {
        #expect(await error("build", [:])?.code == .failedPrecondition)
        #expect(await error("build", ["path": "nosuch"])?.code == .notFound)
        #expect(await error("build", ["path": "/etc"])?.code == .permissionDenied)
        let path = try directory.crate("broken")
        #expect(
            await error("build", ["path": .string("\(path)/src/lib.rs")])?.code == .invalidArgument)
        #expect(
            try await run("check", ["path": .string("\(path)/Cargo.toml")]).fields["errors"] == 2)
    }

    /// Operations that may use a directory within the temporary one only.
    private func operations(within root: String) -> [Operation] {
        let variables = ProcessEnvironment.variables()
        let home = ProcessEnvironment.homeDirectory(variables)
        return RustProOperations(
            programs: GuardedProgramRunner.beside,
            toolchain: RustToolchain(variables: variables, home: home),
            paths: PathConfinement(roots: [root], base: root, home: home)
        ).all
    }

    @Test(arguments: ["build", "fmt"])
    func aWorkspaceOutsideTheRootsIsNotUsed(name: String) async throws {
        // The root is a member of the workspace that lies above it.
        let workspace = try directory.crate("greeter")
        let root = "\(workspace)/greeter"
        let refused = await error(name, ["path": "."], of: operations(within: root))
        #expect(refused?.code == .permissionDenied)
        #expect(refused?.message.contains("\(workspace)/Cargo.toml") == true)
        #expect(refused?.message.contains("; allow that directory in OP_ALLOWED_ROOTS") == true)

        // Without a manifest of its own the search ends at the root.
        let inner = "\(root)/src"
        let missing = await error(name, ["path": "."], of: operations(within: inner))
        #expect(missing?.code == .failedPrecondition)
        #expect(access("\(workspace)/target", F_OK) != 0)
    }

    @Test(
        arguments: [
            ["args": ["--target-dir", "$T/out"]], ["args": ["--target-dir=../out"]],
            ["args": ["--target-dir=new/../../out"]], ["env": ["CARGO_TARGET_DIR": "$T/out"]],
            ["env": ["CARGO_BUILD_TARGET_DIR": "../out"]], ["env": ["CARGO_HOME": "$T/out"]],
            ["env": ["HOME": "/"]],
        ] as [JSONValue])
    func nothingIsWrittenOutsideTheRootsOnACallsBehalf(call: JSONValue) async throws {
        let root = try directory.crate("greeter")
        let json = call.text.replacing("$T", with: directory.path)
        let operations = operations(within: root)
        let refused = await error("check", json: json, of: operations)
        #expect(refused?.code == .permissionDenied)
        #expect(refused?.message.hasPrefix("cannot use the argument ") == true)
        #expect(access("\(directory.path)/out", F_OK) != 0)
    }

    @Test func theTargetDirectoryMayBeAnotherWithinTheRoots() async throws {
        let path = try directory.crate("greeter")
        let result = try await run(
            "check", ["path": .string(path), "args": ["--target-dir", "../made/here"]])
        #expect(result.success)
        #expect(access("\(directory.path)/made/here/debug", F_OK) == 0)
    }

    /// A FIFO that the build script of the slow crate writes the pids of its processes to.
    private func slowCrate() throws -> (arguments: JSONValue, fifo: String) {
        let path = try directory.crate("slow")
        let fifo = "\(directory.path)/pids"
        mkfifo(fifo, 0o600)
        return (["path": .string(path), "env": ["SLOW_PIDS": .string(fifo)]], fifo)
    }

    /// Waits until all processes of the slow crate's build run.
    private func slowPids(_ fifo: String) async throws -> [pid_t] {
        let output = try await GuardedProgramRunner.beside.output(
            of: Program(
                executable: "/bin/cat", arguments: [fifo], environment: [:], directory: "/",
                timeLimit: .seconds(120)))
        #expect(output.stdoutText.hasSuffix("ready\n"))
        return output.stdoutText.split(separator: "\n").compactMap { pid_t($0) }
    }

    @Test func aCancelledBuildLeavesNoProcess() async throws {
        let (arguments, fifo) = try slowCrate()
        let sink = RecordingSink()
        let task = Task { try await run("build", arguments, to: sink) }
        let pids = try await slowPids(fifo)
        #expect(pids.count == 4)
        // rustc is at work by now.
        await sink.wait(for: "constant evaluation is taking a long time")
        let compilers = Self.processes(mentioning: directory.path)
        #expect(compilers.count >= 2)
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        for pid in pids + compilers { #expect(!GuardedProgramRunnerTests.isRunning(pid)) }
        #expect(Self.processes(mentioning: directory.path).isEmpty)
    }

    @Test func aBuildThatTakesTooLongLeavesNoProcess() async throws {
        let path = try directory.crate("slow")
        // However far it came by then.
        let error = await error("build", ["path": .string(path), "timeout_secs": 5])
        #expect(error?.code == .deadlineExceeded)
        #expect(error?.message.hasPrefix("cannot finish cargo build within 5") == true)
        #expect(Self.processes(mentioning: directory.path).isEmpty)
    }

    /// The pids of running processes with a text in their command line.
    private static func processes(mentioning text: String) -> [pid_t] {
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return entries.compactMap { pid_t($0) }.filter { pid in
            guard let line = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") else {
                return false
            }
            return String(decoding: line, as: UTF8.self).contains(text)
                && GuardedProgramRunnerTests.isRunning(pid)
        }
    }
}
