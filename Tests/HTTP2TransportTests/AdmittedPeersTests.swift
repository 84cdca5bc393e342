import GRPCCore
import Glibc
import LinuxIO
import Testing

@testable import HTTP2Transport

/// What a server does with calls of its own user and of others.
@Suite(.timeLimit(.minutes(1)))
struct AdmittedPeersTests {
    typealias Policy = HTTP2ServerTransport.PeerPolicy

    /// A user whom nobody knows.
    private static let stranger: uid_t = 65_533
    /// A user of every Debian system, and its group.
    private static let daemon: (user: uid_t, group: gid_t) = (1, 1)

    static let addresses = ["127.0.0.1:0", "[::1]:0"]
    static let cases: [(Policy, uid_t?, Status.Code)] = [
        (.anyone, nil, .ok),
        (.anyone, stranger, .ok),
        (.users([]), nil, .ok),
        (.users([]), stranger, .permissionDenied),
        (.users([stranger]), stranger, .ok),
        (.users([stranger]), daemon.user, .permissionDenied),
        (.users([], groups: [daemon.group]), daemon.user, .ok),
        (.users([], groups: [daemon.group]), stranger, .permissionDenied),
        (.users([], groups: [daemon.group]), nil, .ok),
    ]

    @Test(
        .enabled(if: geteuid() == 0, "only root can give a socket away"),
        arguments: addresses, cases)
    func aPolicyIsKeptOverTCP(address: String, tried: (Policy, uid_t?, Status.Code)) async throws {
        let answers = try await exchange(at: address, policy: tried.0, as: tried.1)
        for answer in answers {
            #expect(answer.values("grpc-status") == ["\(tried.2.rawValue)"], "\(answer)")
        }
    }

    @Test(.enabled(if: geteuid() == 0, "only root can give a socket away"))
    func aRefusalNamesTheUserAndTheRemedyAndReadsNoBody() async throws {
        let answers = try await exchange(
            at: "127.0.0.1:0", policy: .users([], remedy: "add it to the list"), as: Self.stranger,
            body: [UInt8](repeating: 0, count: 4 << 20))
        let answer = try #require(answers.first)
        #expect(
            answer.values("grpc-message") == [
                "cannot serve user 65533: only root and those who are allowed may call; add it to the list"
            ])
        // The status comes alone, and then the end of the stream, long before that of the request.
        #expect(answer.headers.count == 1)
        #expect(answer.end == .closed(.noError))
    }

    @Test(arguments: [Policy.users([]), .anyone])
    func aHandlerLearnsWhoCallsOverAUnixSocket(policy: Policy) async throws {
        var template = Array("/tmp/peers-XXXXXX".utf8CString)
        let made = try #require(mkdtemp(&template))
        let directory = String(cString: made)
        defer {
            unlink("\(directory)/a.sock")
            rmdir(directory)
        }
        let peer = try await peer(at: .unix(path: "\(directory)/a.sock"), policy: policy)
        #expect(peer?.userID == geteuid())
        #expect(peer?.processID == getpid())
    }

    @Test(arguments: addresses)
    func aHandlerLearnsWhichUserCallsOverTCP(address: String) async throws {
        let peer = try await peer(at: SocketAddress(parsing: address), policy: .users([]))
        #expect(peer == PeerCredentials(userID: geteuid()))
    }

    @Test func nobodyIsAskedForWhereAnyoneMayCall() async throws {
        let peer = try await peer(at: .loopback(port: 0), policy: .anyone)
        #expect(peer == nil)
    }

    @Test(arguments: [
        (Policy.users([]), 0o600 as mode_t), (.users([1]), 0o666), (.users([], groups: [1]), 0o666),
    ])
    func aUnixSocketIsOpenToThoseWhoMayBeAdmitted(policy: Policy, mode: mode_t) async throws {
        var template = Array("/tmp/peers-XXXXXX".utf8CString)
        let made = try #require(mkdtemp(&template))
        let directory = String(cString: made)
        defer {
            unlink("\(directory)/a.sock")
            rmdir(directory)
        }
        var configuration = HTTP2ServerTransport.Configuration()
        configuration.admittedPeers = policy
        try await withEcho(
            address: .unix(path: "\(directory)/a.sock"), server: configuration
        ) { client, _, _ in
            var status = stat()
            #expect(stat("\(directory)/a.sock", &status) == 0)
            #expect(status.st_mode & 0o777 == mode)
        }
    }

    // MARK: What they share

    /// Two calls, each on a connection of its own.
    private func exchange(
        at address: String, policy: Policy, as owner: uid_t?, body: [UInt8] = [0, 0, 0, 0, 1, 7]
    ) async throws -> [ScriptedStream.Answer] {
        var configuration = HTTP2ServerTransport.Configuration()
        configuration.admittedPeers = policy
        let request = ScriptedStream.Script(
            headers: OutgoingHeaders([
                (":method", "POST"), (":scheme", "http"), (":path", "/test.Echo/Unary"),
                (":authority", "test"), ("te", "trailers"), ("content-type", "application/grpc"),
            ]), body: body)
        return try await withEcho(
            address: SocketAddress(parsing: address), server: configuration
        ) { _, server, loop in
            let target = try #require(server.transport.localAddresses.first)
            async let one = ScriptedPeer.exchange(request, with: target, on: loop, as: owner)
            async let other = ScriptedPeer.exchange(request, with: target, on: loop, as: owner)
            return try await [one, other]
        }
    }

    /// Whom a handler sees.
    private func peer(at address: SocketAddress, policy: Policy) async throws -> PeerCredentials? {
        var configuration = HTTP2ServerTransport.Configuration()
        configuration.admittedPeers = policy
        let (seen, seeing) = AsyncStream.makeStream(of: PeerCredentials?.self)
        let service = EchoService { request, context in
            seeing.yield(context.http2?.peer)
            return try await EchoService.echo(request, context)
        }
        return try await withEcho(service, address: address, server: configuration) {
            client, _, _ in
            _ = try await client.echo([1]).message
            return await seen.first { _ in true } ?? nil
        }
    }
}
