import CLinuxIO
import Glibc
import Testing

@testable import LinuxIO

@Suite(.timeLimit(.minutes(1)))
struct SocketDiagnosisTests {
    /// Where a server listens, and how a client comes there.
    static let ways = [
        ("127.0.0.1:0", "127.0.0.1"), ("127.0.0.2:0", "127.0.0.2"), ("[::1]:0", "[::1]"),
        // An IPv6 socket that talks IPv4.
        ("127.0.0.1:0", "[::ffff:127.0.0.1]"),
    ]

    @Test(arguments: ways)
    func theUserOfALoopbackConnectionIsKnown(listening: String, host: String) throws {
        let connection = try Connection(to: SocketAddress(parsing: listening), through: host)
        var diagnosis = try SocketDiagnosis()
        let peer = try diagnosis.peer(of: connection.server.rawValue)
        #expect(peer == PeerCredentials(userID: geteuid()))
    }

    /// Root can give a socket away (fchown(2)), which makes it one of that user's.
    @Test(.enabled(if: geteuid() == 0, "only root can give a socket away"), arguments: ways)
    func anotherUsersSocketIsToldApart(listening: String, host: String) throws {
        let connection = try Connection(to: SocketAddress(parsing: listening), through: host)
        #expect(fchown(connection.client.rawValue, 65_533, gid_t.max) == 0)
        var diagnosis = try SocketDiagnosis()
        let client = try diagnosis.peer(of: connection.server.rawValue)
        #expect(client.userID == 65_533)
        // It is the far end that counts.
        let server = try diagnosis.peer(of: connection.client.rawValue)
        #expect(server.userID == 0)
    }

    @Test(arguments: ways)
    func theTablesOfProcSayTheSame(listening: String, host: String) throws {
        let connection = try Connection(to: SocketAddress(parsing: listening), through: host)
        let ends = TCPEnds(
            address: try SocketAddress(remoteAddressOf: connection.server.rawValue).unmapped,
            peer: try SocketAddress(localAddressOf: connection.server.rawValue).unmapped)
        let found = try #require(try TCPSocketTable.find(ends))
        #expect(found.userID == geteuid())
        #expect(found.isHeld)
    }

    /// Some kernels say of such a socket that it is root's.
    @Test func whoHasClosedTheSocketIsNobody() throws {
        let server = try abandonedConnection()
        var diagnosis = try SocketDiagnosis()
        let error = #expect(throws: PeerIdentityError.self) {
            _ = try diagnosis.peer(of: server.rawValue)
        }
        #expect(error?.reason == .gone)
        let ends = TCPEnds(
            address: try SocketAddress(remoteAddressOf: server.rawValue),
            peer: try SocketAddress(localAddressOf: server.rawValue))
        #expect(try TCPSocketTable.find(ends)?.isHeld != true)
    }

    @Test func whoOnlySendsNothingMoreIsStillKnown() throws {
        let connection = try Connection()
        #expect(shutdown(connection.client.rawValue, CInt(SHUT_WR)) == 0)
        #expect(becomesReadable(connection.server.rawValue))
        var diagnosis = try SocketDiagnosis()
        let peer = try diagnosis.peer(of: connection.server.rawValue)
        #expect(peer.userID == geteuid())
    }

    @Test func aListeningSocketOfTheSameAddressIsNotThePeer() throws {
        let listener = try ListeningSocket.bind(to: .loopback(port: 0))
        let ends = TCPEnds(address: listener.localAddress, peer: .loopback(port: 1))
        #expect(try TCPSocketTable.find(ends) == nil)
        var (question, answer) = (ends.question, clinuxio_tcp_socket())
        let socket = clinuxio_socket_diagnosis()
        let diagnosis = try OwnedDescriptor(owning: socket, from: "open a socket")
        let result = clinuxio_find_tcp_socket(diagnosis.rawValue, 1, &question, &answer)
        try #require(result == 0, "the kernel answers with the listening socket")
        let facts = TCPSocketFacts(
            state: answer.state, userID: answer.uid, inode: UInt64(answer.inode))
        #expect(!facts.isHeld)
    }

    @Test func aSocketThatIsBoundToTheDeviceIsFound() throws {
        let listener = try ListeningSocket.bind(to: .loopback(port: 0))
        let client = try Socket.open(for: listener.localAddress)
        let result = "lo".withCString {
            setsockopt(client.rawValue, SOL_SOCKET, SO_BINDTODEVICE, $0, 3)
        }
        try #require(result == 0)
        _ = listener.localAddress.withSockaddr { connect(client.rawValue, $0, $1) }
        #expect(becomesReadable(listener.descriptor.rawValue))
        guard let server = try listener.accept() else { return }
        var diagnosis = try SocketDiagnosis()
        let peer = try diagnosis.peer(of: server.rawValue)
        #expect(peer.userID == geteuid())
    }

    @Test(arguments: [
        ("10.0.0.7:4000", false), ("126.255.255.255:4000", false), ("[::2]:1", false),
        ("[2001:db8::1]:1", false), ("[::ffff:10.0.0.7]:1", false), ("[::]:1", false),
        ("127.0.0.1:1", true), ("127.255.0.9:1", true), ("[::1]:1", true),
        ("[::ffff:127.0.0.1]:1", true),
    ])
    func loopbackIsWhatNobodyElseReaches(text: String, isLoopback: Bool) throws {
        #expect(try SocketAddress(parsing: text).unmapped.isLoopback == isLoopback)
    }

    private func abandonedConnection() throws -> OwnedDescriptor {
        let connection = try Connection()
        let server = try OwnedDescriptor(
            owning: dup(connection.server.rawValue), from: "duplicate a descriptor")
        return server
    }
}
