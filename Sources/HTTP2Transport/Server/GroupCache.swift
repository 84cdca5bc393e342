internal import LinuxIO

/// The groups of users, looked up off the loop, since the system's database may be in a network, and remembered
/// for a short time.
///
/// One at a time: a database that does not answer holds up one thread of the global executor, which has few.
///
/// Belongs to the loop's thread.
final class GroupCache {
    typealias Groups = Result<Set<UInt32>, SystemError>

    private struct Entry {
        var groups: Set<UInt32>
        var expiry: MonotonicInstant
    }

    private let loop: EventLoop
    private let lookUp: @Sendable (UInt32) -> Groups
    private var entries: [UInt32: Entry] = [:]
    /// Who waits for whose groups; the users that are not looked up yet, in the order of the questions.
    private var waiters: [UInt32: [(Groups) -> Void]] = [:]
    private var queue: [UInt32] = []
    private var isLookingUp = false

    /// How long a changed membership may go unnoticed.
    private static let lifetime = Duration.seconds(30)
    /// Users remembered at a time, so that many who call once each do not fill memory.
    private static let capacity = 256

    /// Creates an empty cache.
    ///
    /// - Parameters:
    ///   - loop: Where answers come.
    ///   - lookUp: Asks the system; it may block.
    init(
        loop: EventLoop,
        lookUp: @escaping @Sendable (UInt32) -> Groups = { user in
            do throws(SystemError) {
                return .success(try AccountDatabase.groupIDs(ofUser: user))
            } catch {
                return .failure(error)
            }
        }
    ) {
        self.loop = loop
        self.lookUp = lookUp
    }

    /// The groups of a user.
    ///
    /// - Parameters:
    ///   - user: The user.
    ///   - completion: Called later where they have to be looked up; users that are asked for meanwhile share the
    ///     answer.
    /// - Returns: Nil where the completion is called.
    func groups(ofUser user: UInt32, completion: @escaping (Groups) -> Void) -> Groups? {
        if let entry = entries[user], entry.expiry > .now { return .success(entry.groups) }
        waiters[user, default: []].append(completion)
        guard waiters[user]?.count == 1 else { return nil }
        queue.append(user)
        lookUpNext()
        return nil
    }

    private func lookUpNext() {
        guard !isLookingUp, !queue.isEmpty else { return }
        isLookingUp = true
        let user = queue.removeFirst()
        // Sendable by confinement: the answer is taken in on the loop's thread only.
        nonisolated(unsafe) let cache = self
        Task.detached { [lookUp, loop] in
            let found = lookUp(user)
            loop.execute { cache.take(found, ofUser: user) }
        }
    }

    private func take(_ found: Groups, ofUser user: UInt32) {
        if case .success(let groups) = found {
            if entries.count >= Self.capacity { entries = [:] }
            entries[user] = Entry(groups: groups, expiry: .now + Self.lifetime)
        }
        isLookingUp = false
        lookUpNext()
        for waiter in waiters.removeValue(forKey: user) ?? [] { waiter(found) }
    }
}
