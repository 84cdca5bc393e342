internal import AgentRuntime
private import Glibc

/// What goes wrong with what a process may take of the machine.
extension MisbehavingOperations {
    static let ofResources: [Operation] = [eatMemory, leakDescriptors]

    private static let eatMemory = Operation(
        "eat_memory", "Takes memory and keeps it, until it gets no more; then it aborts.",
        arguments: []
    ) { _, _ in
        await Task(executorPreference: globalConcurrentExecutor) {
            let size = 1 << 20
            var count = 0
            // Written to, so that it is resident.
            while let memory = malloc(size) {
                memset(memory, 1, size)
                count += 1
            }
            let line = "<3>cannot get more memory than \(count) MiB\n"
            _ = line.withCString { write(STDERR_FILENO, $0, strlen($0)) }
            abort()
        }.value
    }

    private static let leakDescriptors = Operation(
        "leak_descriptors", "Opens files and keeps them, until it gets no more.", arguments: []
    ) { _, _ in
        var count = 0
        while open("/dev/null", O_RDONLY | O_CLOEXEC) >= 0 { count += 1 }
        return OperationResult(
            summary: "leaked \(count) descriptors", fields: ["count": .int(Int64(count))])
    }
}
