import AgentRuntime
import Testing

@testable import RustProAgent

struct CargoCommandTests {
    private func command(_ subcommand: CargoSubcommand, _ json: String) throws(OperationError)
        -> CargoCommand
    {
        try CargoCommand(
            subcommand,
            Arguments(json: json, expecting: CargoCommand.arguments(of: subcommand)))
    }

    private static let format = "--message-format=json-diagnostic-rendered-ansi"

    @Test(arguments: [
        (CargoSubcommand.check, "{}", ["check"]),
        (
            .build, #"{"release": "true", "package": "greeter"}"#,
            ["build", "--package", "greeter", "--release"]
        ),
        (.build, #"{"features": "a, b", "allFeatures": false}"#, ["build", "--features", "a,b"]),
        (
            .build, #"{"features": ["a", "b/c"], "args": ["--locked"]}"#,
            ["build", "--features", "a,b/c", "--locked"]
        ),
        (.clippy, #"{"all_targets": true, "fix": true}"#, ["clippy", "--all-targets", "--fix"]),
        (.doc, #"{"all_features": true}"#, ["doc", "--all-features", "--no-deps"]),
        (.bench, #"{"release": true, "args": ["--", "--exact"]}"#, ["bench", "--", "--exact"]),
        (.test, "{}", ["test", "--no-fail-fast"]),
        (
            .test, #"{"filter": "adds", "no_run": true}"#,
            ["test", "--no-run", "--no-fail-fast", "adds"]
        ),
        (
            .test,
            #"{"filter": "adds", "args": ["--no-fail-fast", "--lib", "--", "--color=never"]}"#,
            ["test", "adds", "--no-fail-fast", "--lib", "--", "--color=never"]
        ),
        (
            .run, #"{"bin": "greet", "args": ["--color", "fr", "Ada"]}"#,
            ["run", "--bin", "greet", "--", "--color", "fr", "Ada"]
        ),
        (.run, #"{"example": "", "package": ""}"#, ["run"]),
    ])
    func callsBecomeCommandLines(subcommand: CargoSubcommand, json: String, line: [String]) throws {
        var arguments = try command(subcommand, json).arguments
        #expect(arguments.remove(at: 1) == Self.format)
        #expect(arguments == line)
    }

    @Test(arguments: [
        (CargoSubcommand.build, #"{"package": "--config=evil"}"#, "package"),
        (.build, #"{"features": "-F"}"#, "features"),
        (.test, #"{"filter": "--test-threads=1"}"#, "filter"),
        (.run, #"{"bin": "-q"}"#, "bin"),
        (.run, #"{"example": "--release"}"#, "example"),
        (.build, #"{"args": ["--message-format=short"]}"#, "--message-format"),
        (.build, #"{"args": ["--manifest-path", "/etc/Cargo.toml"]}"#, "the argument path"),
        (.build, #"{"args": ["--config", "build.target-dir='/x'"]}"#, ".cargo/config.toml"),
        (.build, #"{"args": ["-C", "/x"]}"#, "the argument path"),
        (.build, #"{"args": ["-C/x"]}"#, "the argument path"),
        (.build, #"{"args": ["-vC=/x"]}"#, "the argument path"),
        (.check, #"{"env": {"CARGO_BUILD_BUILD_DIR": "/x"}}"#, "use CARGO_TARGET_DIR"),
        (.build, #"{"args": ["a\u0000b"]}"#, "args"),
        (.build, #"{"env": {"A=B": "c"}}"#, "env.A=B"),
        (.build, #"{"env": {"1A": "c"}}"#, "env.1A"),
        (.build, #"{"env": {"": "c"}}"#, "env."),
        (.build, #"{"env": {"A": "c\u0000"}}"#, "env.A"),
        (.build, #"{"fix": true}"#, "fix"),
        (.doc, #"{"all_targets": true}"#, "all_targets"),
        (.check, #"{"timeout_secs": 3601}"#, "timeout_secs"),
        (.check, #"{"timeout_secs": 0}"#, "timeout_secs"),
    ])
    func whatDoesNotFitIsRefusedByName(subcommand: CargoSubcommand, json: String, name: String) {
        #expect {
            try command(subcommand, json)
        } throws: { error in
            guard let error = error as? OperationError else { return false }
            return error.code == .invalidArgument && error.message.contains(name)
                && error.message.hasPrefix("cannot ")
        }
    }

    @Test(arguments: [
        (CargoSubcommand.build, #"{"args": ["--target-dir", "/x"]}"#, ["args --target-dir /x"]),
        (.build, #"{"args": ["--target-dir=a=b", "-q"]}"#, ["args --target-dir a=b"]),
        (
            .build, #"{"args": ["--out-dir=o"], "env": {"CARGO_HOME": "/h", "RUSTFLAGS": "-g"}}"#,
            ["args --out-dir o", "env.CARGO_HOME /h"]
        ),
        (.run, #"{"env": {"TMPDIR": "t"}, "args": ["--target-dir", "/x"]}"#, ["env.TMPDIR t"]),
        (.test, #"{"args": ["--", "--target-dir", "-C"]}"#, []),
        (.build, #"{"args": ["-pCrate", "-j2", "-FC"]}"#, []),
        (.build, #"{"args": ["--target-dir"]}"#, ["args --target-dir "]),
    ])
    func pathsForCargoAreFound(subcommand: CargoSubcommand, json: String, paths: [String]) throws {
        let found = try command(subcommand, json).paths
        #expect(found.map { "\($0.argument) \($0.path)" } == paths)
    }

    @Test func timeLimitAndInputAreTakenOver() throws {
        let command = try command(.run, #"{"timeout_secs": "5", "stdin": "Ada\n"}"#)
        #expect(command.timeLimit == .seconds(5))
        #expect(command.input == Array("Ada\n".utf8))
        #expect(try self.command(.run, "{}").timeLimit == .seconds(600))
    }

    @Test func littleOfTheAgentsEnvironmentIsTakenOver() {
        let scrubbed = EnvironmentVariables.scrubbed([
            "PATH": "/bin", "HOME": "/home/ada", "LANG": "C", "TMPDIR": "/tmp", "CARGO_HOME": "/c",
            "RUSTUP_HOME": "/r", "LD_PRELOAD": "x", "OP_AGENT_STATE_DIR": "/s",
            "NOTIFY_SOCKET": "/n",
            "SECRET": "s",
        ])
        #expect(
            scrubbed.keys.sorted() == [
                "CARGO_HOME", "HOME", "LANG", "PATH", "RUSTUP_HOME", "TMPDIR",
            ])
    }

    @Test func cargoIsSearchedWhereRustupInstalls() throws {
        let toolchain = RustToolchain(variables: ["PATH": "/nonexistent"], home: "/home/ada")
        #expect(toolchain.environment["PATH"] == "/nonexistent:/home/ada/.cargo/bin")
        #expect {
            try toolchain.cargo()
        } throws: { error in
            let error = error as? OperationError
            return error?.code == .failedPrecondition
                && error?.message.contains("rustup.rs") == true
        }
    }
}
