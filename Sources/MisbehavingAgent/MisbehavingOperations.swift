internal import AgentRuntime
private import Glibc

/// What the agent offers: each operation is one thing that a supervisor or a client has to bear.
enum MisbehavingOperations {
    static func all(eventLoop: any TaskExecutor, health: HealthHandle) -> [Operation] {
        [echo, sleep, spin(eventLoop), flood, crash]
            + ofProcesses + ofOutput + ofResources + [sayNotServing(health)]
    }

    private static let echo = Operation(
        "echo", aliases: ["say"], "Returns its text.", isReadOnly: true,
        arguments: [
            Argument("text", .string(maxBytes: 4 << 20), default: "", "What to return.")
        ]
    ) { arguments, context in
        OperationResult(
            summary: "said",
            fields: [
                "text": .string(arguments.string("text") ?? ""),
                "session_id": context.sessionID.map { .string($0) } ?? .null,
                "request_id": .string(context.requestID), "pid": .int(Int64(getpid())),
            ])
    }

    private static let sleep = Operation(
        "sleep", "Sleeps; wakes up when it is cancelled.", isReadOnly: true,
        arguments: [
            Argument(
                "ms", .integer(0...3_600_000), default: 1000, "Milliseconds; 1000 by default.")
        ]
    ) { arguments, _ in
        let milliseconds = arguments.int("ms") ?? 1000
        try await Task.sleep(for: .milliseconds(milliseconds))
        return OperationResult(summary: "slept \(milliseconds) ms", fields: [:])
    }

    /// Blocks the loop, so the agent answers nothing meanwhile, health checks included.
    private static func spin(_ eventLoop: any TaskExecutor) -> Operation {
        Operation(
            "spin", "Blocks the whole agent.",
            arguments: [
                Argument(
                    "ms", .integer(0...600_000), default: 1000, "Milliseconds; 1000 by default.")
            ]
        ) { arguments, _ in
            let end = ContinuousClock.now + .milliseconds(arguments.int("ms") ?? 1000)
            await Task(executorPreference: eventLoop) {
                while ContinuousClock.now < end {}
            }.value
            return OperationResult(summary: "spun", fields: [:])
        }
    }

    private static let flood = Operation(
        "flood", "Writes lines as fast as they are read.", isStreaming: true, isReadOnly: true,
        arguments: [
            Argument(
                "lines", .integer(0...10_000_000), default: 1000, "How many; 1000 by default."),
            Argument("bytes", .integer(1...65536), default: 80, "Of each line; 80 by default."),
            Argument("exit_code", .integer(0...255), default: 0, "What the result says."),
        ]
    ) { arguments, context in
        let lines = arguments.int("lines") ?? 1000
        let exitCode = Int32(arguments.int("exit_code") ?? 0)
        let filler = String(repeating: "x", count: Int(arguments.int("bytes") ?? 80))
        for number in 0..<lines {
            let line = "\(number) \(filler)".prefix(filler.utf8.count - 1) + "\n"
            try await context.output.write(
                Array(line.utf8), to: number % 2 == 0 ? .stdout : .stderr)
        }
        return OperationResult(
            summary: "wrote \(lines) lines", success: exitCode == 0,
            error: exitCode == 0 ? nil : "exited with code \(exitCode)", exitCode: exitCode,
            fields: ["lines": .int(lines)])
    }

    private static let crash = Operation(
        "crash", "Ends the process in the middle of the call.",
        arguments: [
            Argument("signal", .integer(0...31), default: 9, "A signal's number; 0 exits instead."),
            Argument("code", .integer(0...255), default: 1, "The exit code."),
        ]
    ) { arguments, _ in
        let signal = CInt(arguments.int("signal") ?? 9)
        if signal == 0 { exit(CInt(arguments.int("code") ?? 1)) }
        // A signal that is blocked, as SIGTERM is in an agent, would only be queued.
        kill(getpid(), signal)
        try await Task.sleep(for: .seconds(60))
        return OperationResult(summary: "survived", success: false, fields: [:])
    }

    private static func sayNotServing(_ health: HealthHandle) -> Operation {
        Operation(
            "say_not_serving", "Answers its health checks with NOT_SERVING from now on.",
            arguments: []
        ) { _, _ in
            health.sayNotServing()
            return OperationResult(summary: "does not serve", fields: [:])
        }
    }
}
