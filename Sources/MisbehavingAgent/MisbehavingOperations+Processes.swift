internal import AgentRuntime
private import Glibc

/// What goes wrong with processes.
extension MisbehavingOperations {
    static let ofProcesses: [Operation] = [stop, leaveGrandchild, leaveZombies]

    private static let stop = Operation(
        "stop", "Stops the process with SIGSTOP, so that it answers nothing any more.",
        arguments: []
    ) { _, _ in
        // To this thread, so that it stops before it could answer.
        raise(SIGSTOP)
        return OperationResult(summary: "goes on", fields: [:])
    }

    private static let leaveGrandchild = Operation(
        "leave_grandchild", "Starts a process that ignores SIGTERM, and does not wait for it.",
        arguments: [
            Argument(
                "detached", .boolean, default: false,
                "In a session of its own and with an empty environment.")
        ]
    ) { arguments, _ in
        let pid = try Grandchild.leave(detached: arguments.bool("detached") ?? false)
        return OperationResult(
            summary: "left the process \(pid)", fields: ["pid": .int(Int64(pid))])
    }

    private static let leaveZombies = Operation(
        "leave_zombies", "Starts processes that end at once, and does not wait for them.",
        arguments: [
            Argument("count", .integer(1...10_000), default: 100, "How many; 100 by default.")
        ]
    ) { arguments, _ in
        let count = Int(arguments.int("count") ?? 100)
        try Grandchild.leaveZombies(count)
        return OperationResult(summary: "left \(count) zombies", fields: [:])
    }
}
