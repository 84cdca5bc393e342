import AgentRuntime
import FoundationEssentials
import Glibc

/// Makes this process the only owner of a database, and knows whether the owner before ended well.
///
/// The lock file is locked with flock(2), which ends with the process, and holds the owner's pid until it
/// is released well. So a lock that is free but not empty means: the owner before was killed, or the
/// machine went down.
struct DatabaseLock: ~Copyable, Sendable {
    /// How the owner before ended.
    enum Ending: Sendable, Hashable {
        /// In order, or there was none.
        case released
        /// It was killed, or released the database as suspect.
        case left
        /// It found the database damaged.
        case foundDamage
    }

    let previous: Ending
    private let descriptor: Int32

    /// What the lock file holds in place of a pid.
    private static let damage = "damaged"

    /// Takes the lock.
    ///
    /// - Parameters:
    ///   - path: The lock file; created where it is missing, never removed.
    ///   - database: What it guards, for messages.
    /// - Returns: The lock, which ends with its value.
    /// - Throws: ``OperationError`` with `failedPrecondition` that names the process which holds it.
    static func take(
        _ path: String, guarding database: String
    ) throws(OperationError) -> DatabaseLock {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw OperationError(
                .failedPrecondition,
                "cannot open \(path): \(String(cString: strerror(errno))); make its directory writable for the agent's user"
            )
        }
        let isTaken = flock(descriptor, LOCK_EX | LOCK_NB) != 0
        let reason = errno
        let owner = Self.owner(in: descriptor)
        guard !isTaken else {
            close(descriptor)
            throw reason == EWOULDBLOCK
                ? Self.refusal(database, heldBy: Int32(owner))
                : OperationError(
                    .failedPrecondition,
                    "cannot lock \(path): \(String(cString: strerror(reason))); keep the state on a local file system"
                )
        }
        let previous: Ending =
            switch owner {
            case "": .released
            case Self.damage: .foundDamage
            default: .left
            }
        let lock = DatabaseLock(previous: previous, descriptor: descriptor)
        lock.write(String(getpid()))
        return lock
    }

    private init(previous: Ending, descriptor: Int32) {
        self.previous = previous
        self.descriptor = descriptor
    }

    /// Tells the next owner that the database is damaged.
    func noteDamage() {
        write(Self.damage)
    }

    /// Gives the lock back.
    ///
    /// - Parameter isClean: The database was closed in order; else its next owner is told to check it.
    func release(isClean: Bool) {
        if isClean { ftruncate(descriptor, 0) }
        flock(descriptor, LOCK_UN)
    }

    deinit {
        close(descriptor)
    }

    private func write(_ text: String) {
        ftruncate(descriptor, 0)
        pwrite(descriptor, text, text.utf8.count, 0)
    }

    /// The pid that the lock file holds; empty where the owner released it.
    private static func owner(in descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 32)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }

    private static func refusal(_ database: String, heldBy pid: Int32?) -> OperationError {
        var holder = "another process"
        if let pid {
            let name = FileManager.default.contents(atPath: "/proc/\(pid)/comm")
                .map { String(decoding: $0, as: UTF8.self).split(separator: "\n").joined() }
            holder = "pid \(pid)" + (name.map { " (\($0))" } ?? "")
        }
        return OperationError(
            .failedPrecondition,
            "cannot open \(database): \(holder) holds it; stop that process or use another --state-dir"
        )
    }
}
