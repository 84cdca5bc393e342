import Glibc
import LinuxIO
import Synchronization
import Testing

@testable import HTTP2Transport

@Suite(.timeLimit(.minutes(1)))
struct GroupCacheTests {
    /// Counts what is asked of the system.
    private final class System: Sendable {
        let lookUps = Locked<[UInt32]>([])
        let atOnce = Locked((now: 0, most: 0))

        func lookUp(_ user: UInt32) -> GroupCache.Groups {
            lookUps.withLock { $0.append(user) }
            atOnce.withLock { $0 = (now: $0.now + 1, most: max($0.most, $0.now + 1)) }
            defer { atOnce.withLock { $0.now -= 1 } }
            // Time enough for another to begin.
            for _ in 0..<1000 { sched_yield() }
            return user == 9
                ? .failure(SystemError("look up", code: 5)) : .success([user, user + 1])
        }
    }

    @Test func whoAsksMeanwhileOrSoonAfterSharesAnAnswer() async throws {
        let system = System()
        let answers = try await answers(of: system, to: [7, 7, 8], then: [7, 8])
        #expect(answers.map { try? $0.get() } == [[7, 8], [7, 8], [8, 9], [7, 8], [8, 9]])
        #expect(system.lookUps.withLock { $0.sorted() } == [7, 8])
    }

    @Test func oneUserIsLookedUpAtATime() async throws {
        let system = System()
        let users = [UInt32](10..<40)
        _ = try await answers(of: system, to: users, then: [7])
        #expect(system.lookUps.withLock { $0 } == users + [7])
        #expect(system.atOnce.withLock { $0.most } == 1)
    }

    @Test func aFailureIsNotRemembered() async throws {
        let system = System()
        let answers = try await answers(of: system, to: [9], then: [9])
        #expect(answers.allSatisfy { (try? $0.get()) == nil })
        #expect(system.lookUps.withLock { $0 } == [9, 9])
    }

    /// Asks for users at the same time, and for others once these are answered.
    private func answers(
        of system: System, to users: [UInt32], then later: [UInt32]
    ) async throws -> [GroupCache.Groups] {
        let loop = try EventLoop(name: "test")
        defer { loop.stop() }
        return await withCheckedContinuation { continuation in
            loop.execute {
                let cache = GroupCache(loop: loop) { system.lookUp($0) }
                ask(cache, users) { first in
                    ask(cache, later) { continuation.resume(returning: first + $0) }
                }
            }
        }
    }

    private func ask(
        _ cache: GroupCache, _ users: [UInt32],
        completion: @escaping ([GroupCache.Groups]) -> Void
    ) {
        var answers = [GroupCache.Groups?](repeating: nil, count: users.count)
        let take = { (index: Int, groups: GroupCache.Groups) in
            answers[index] = groups
            let found = answers.compactMap(\.self)
            if found.count == users.count { completion(found) }
        }
        for (index, user) in users.enumerated() {
            if let known = cache.groups(ofUser: user, completion: { take(index, $0) }) {
                take(index, known)
            }
        }
    }
}
