import AgentRuntime
import GRDB

extension OperationError {
    /// An argument out of its limits.
    static func invalid(_ argument: String, _ reason: String, _ remedy: String) -> OperationError {
        OperationError(
            .invalidArgument, "cannot use the argument \(argument): \(reason); \(remedy)")
    }

    /// What a failure of SQLite means to a caller.
    ///
    /// - Parameters:
    ///   - error: What was caught; an ``OperationError`` is passed on.
    ///   - what: What was tried, as it follows "cannot".
    ///   - path: The database.
    /// - Returns: The error that says so.
    static func storage(_ error: any Error, _ what: String, path: String) -> OperationError {
        if let error = error as? OperationError { return error }
        guard let failure = error as? DatabaseError else {
            return OperationError(.internal, "cannot \(what): \(error); see the agent's log")
        }
        let reason = failure.message ?? "SQLite code \(failure.extendedResultCode.rawValue)"
        let (code, remedy): (Code, String) =
            switch failure.resultCode {
            case .SQLITE_FULL:
                (.resourceExhausted, "free space on the disk of \(path), or forget entries")
            case .SQLITE_NOMEM:
                (.resourceExhausted, "raise the agent's memory limit")
            case .SQLITE_CORRUPT, .SQLITE_NOTADB:
                (
                    .dataLoss,
                    "restart the agent: it checks \(path), keeps a damaged file aside and begins a new one"
                )
            case .SQLITE_BUSY, .SQLITE_LOCKED:
                (.unavailable, "try again; another program holds \(path) locked")
            case .SQLITE_MISUSE:
                (.unavailable, "try again; the agent is stopping")
            case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH:
                (
                    .failedPrecondition,
                    "make \(path) and its directory writable for the agent's user"
                )
            case .SQLITE_IOERR:
                (.internal, "see what the kernel's log says of the disk of \(path)")
            default:
                (.internal, "see the agent's log")
            }
        return OperationError(code, "cannot \(what): \(reason); \(remedy)")
    }
}

extension DatabaseError {
    /// SQLite found the file to be none of its own, or inconsistent.
    var isDamage: Bool {
        resultCode == .SQLITE_CORRUPT || resultCode == .SQLITE_NOTADB
    }

    /// FTS5 found its index inconsistent, or with other words than the entries.
    var isWordIndexDamage: Bool {
        extendedResultCode == .SQLITE_CORRUPT_VTAB
    }
}
