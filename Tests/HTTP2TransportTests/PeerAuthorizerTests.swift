import GRPCCore
import Glibc
import LinuxIO
import Testing

@testable import HTTP2Transport

@Suite(.timeLimit(.minutes(1)))
struct PeerAuthorizerTests {
    private static let someone: UInt32 = 4_000_001

    @Test(arguments: [
        (PeerCredentials(userID: 0), true),
        (PeerCredentials(userID: geteuid()), true),
        (PeerCredentials(userID: 7), true),
        (PeerCredentials(userID: someone), false),
        // Of the group that it had when it connected.
        (PeerCredentials(userID: someone, groupIDs: [5, 70]), true),
        (PeerCredentials(userID: someone, groupIDs: [7, 0]), false),
        // Of a group that the database has it in.
        (PeerCredentials(userID: 8, groupIDs: [8]), true),
    ])
    func whoIsAdmitted(peer: PeerCredentials, isAdmitted: Bool) async throws {
        let decision = try await decide(on: peer) { .success($0 == 8 ? [8, 70] : [7]) }
        guard case .refused(let status) = decision else {
            #expect(isAdmitted)
            return
        }
        #expect(!isAdmitted)
        #expect(status.code == .permissionDenied)
        #expect(status.message.hasPrefix("cannot serve user \(peer.userID): "))
        #expect(status.message.hasSuffix("; ask for it"))
        #expect(decision.isFinal)
    }

    @Test func aDatabaseThatFailsIsAskedAgainAtTheNextCall() async throws {
        let decision = try await decide(on: PeerCredentials(userID: Self.someone)) { _ in
            .failure(SystemError("look up", code: EIO))
        }
        guard case .refused(let status) = decision else {
            Issue.record("admitted")
            return
        }
        #expect(status.code == .unavailable)
        #expect(!decision.isFinal)
    }

    @Test(arguments: [
        (PeerIdentityError.Reason.elsewhere, Status.Code.permissionDenied, true),
        (.gone, .permissionDenied, true), (.otherNamespace, .permissionDenied, true),
        (.unanswered(SystemError("ask", code: ENOBUFS)), .unavailable, false),
    ])
    func whoCannotBeToldIsRefused(
        reason: PeerIdentityError.Reason, code: Status.Code, isFinal: Bool
    ) async throws {
        let loop = try EventLoop(name: "test")
        defer { loop.stop() }
        let decision = await onLoop(loop) {
            try? Self.authorizer(loop) { _ in .success([]) }?
                .refusal(PeerIdentityError(peer: .loopback(port: 4), reason: reason))
        }
        guard case .refused(let status) = decision else {
            Issue.record("\(String(describing: decision))")
            return
        }
        #expect(status.code == code)
        #expect(status.message.hasPrefix("cannot tell who calls from 127.0.0.1:4: "))
        #expect(decision?.isFinal == isFinal)
    }

    @Test func wherePeersAreNotChosenNothingIsDecided() throws {
        let loop = try EventLoop(name: "test")
        defer { loop.stop() }
        let authorizer = try PeerAuthorizer(.anyone, cache: GroupCache(loop: loop))
        #expect(authorizer == nil)
    }

    // MARK: What they share

    private static func authorizer(
        _ loop: EventLoop, lookUp: @escaping @Sendable (UInt32) -> GroupCache.Groups
    ) throws -> PeerAuthorizer? {
        try PeerAuthorizer(
            .users([7], groups: [70], remedy: "ask for it"),
            cache: GroupCache(loop: loop, lookUp: lookUp))
    }

    private func decide(
        on peer: PeerCredentials, lookUp: @escaping @Sendable (UInt32) -> GroupCache.Groups
    ) async throws -> PeerAuthorizer.Decision {
        let loop = try EventLoop(name: "test")
        defer { loop.stop() }
        return try await withCheckedThrowingContinuation { continuation in
            loop.execute {
                do {
                    guard let authorizer = try Self.authorizer(loop, lookUp: lookUp) else { return }
                    let decision = authorizer.decide(on: peer) {
                        continuation.resume(returning: $0)
                    }
                    if let decision { continuation.resume(returning: decision) }
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        }
    }
}

/// Runs a body on a loop's thread.
func onLoop<Result: Sendable>(
    _ loop: EventLoop, _ body: @escaping @Sendable () -> Result
) async -> Result {
    await withCheckedContinuation { continuation in
        loop.execute { continuation.resume(returning: body()) }
    }
}
