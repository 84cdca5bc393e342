internal import Glibc

/// What keeps the fuzzer itself from its work.
enum FuzzFailure {
    /// Runs a body that fails only where the machine does, and ends the program then.
    static func ending<Result>(_ body: () throws -> Result) -> Result {
        do {
            return try body()
        } catch {
            end("cannot fuzz: \(error)", code: 70)
        }
    }

    /// Ends the program with a message.
    static func end(_ message: String, code: CInt) -> Never {
        let line = Array("\(message)\n".utf8)
        _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
        exit(code)
    }

    /// A path of its own for each process, in a directory that `run` removes.
    static func socketPath() -> String {
        let directory = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        return "\(directory)/fuzz-\(getpid()).sock"
    }
}
