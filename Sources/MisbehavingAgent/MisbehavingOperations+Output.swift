internal import AgentRuntime
private import Glibc

/// What goes wrong with the output of the process.
extension MisbehavingOperations {
    static let ofOutput: [Operation] = [log, floodOutput, longLine, closeOutput]

    private static let log = Operation(
        "log", "Writes lines to the process's own standard output and error.",
        arguments: [
            Argument("lines", .integer(0...1_000_000), default: 1, "How many; 1 by default."),
            Argument("text", .string(maxBytes: 65536), default: "line", "What each begins with."),
            Argument("stream", .choice(["stdout", "stderr"]), default: "stdout", "Where to."),
        ]
    ) { arguments, _ in
        let lines = arguments.int("lines") ?? 1
        let text = arguments.string("text") ?? "line"
        let stream = arguments.string("stream") == "stderr" ? STDERR_FILENO : STDOUT_FILENO
        for number in 0..<lines {
            let line = "\(text) \(number)\n"
            _ = line.withCString { write(stream, $0, strlen($0)) }
        }
        return OperationResult(summary: "logged \(lines) lines", fields: [:])
    }

    private static let floodOutput = Operation(
        "flood_output",
        "Writes lines to standard output as fast as it can, until the process ends.",
        arguments: []
    ) { _, _ in
        Task(executorPreference: globalConcurrentExecutor) {
            let lines = String(repeating: String(repeating: "f", count: 79) + "\n", count: 512)
            while writeAll(lines) {}
        }
        return OperationResult(summary: "floods", fields: [:])
    }

    private static let longLine = Operation(
        "long_line", "Writes one line to standard output.",
        arguments: [
            Argument(
                "mebibytes", .integer(1...1024), default: 100, "Its length in MiB; 100 by default.")
        ]
    ) { arguments, _ in
        let count = arguments.int("mebibytes") ?? 100
        let part = String(repeating: "l", count: 1 << 20)
        await Task(executorPreference: globalConcurrentExecutor) {
            for _ in 0..<count where !writeAll(part) { return }
            _ = writeAll("\n")
        }.value
        return OperationResult(summary: "wrote a line of \(count) MiB", fields: [:])
    }

    private static let closeOutput = Operation(
        "close_output", "Closes standard output and standard error.", arguments: []
    ) { _, _ in
        close(STDOUT_FILENO)
        close(STDERR_FILENO)
        return OperationResult(summary: "is silent", fields: [:])
    }

    /// Whether all of it was written; blocks while the pipe is full.
    private static func writeAll(_ text: String) -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
