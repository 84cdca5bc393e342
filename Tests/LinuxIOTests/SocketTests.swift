import Glibc
import LinuxIO
import Testing

@Suite(.timeLimit(.minutes(1)))
struct SocketTests {
    @Test func nothingArrivedIsNotTheEnd() throws {
        let connection = try Connection()
        let before = try receive(from: connection.server)
        #expect(before == nil)

        let count = try send("x", to: connection.client)
        #expect(count == 1)
        #expect(becomesReadable(connection.server.rawValue))
        let text = try receive(from: connection.server)
        #expect(text == "x")

        #expect(shutdown(connection.client.rawValue, CInt(SHUT_WR)) == 0)
        #expect(becomesReadable(connection.server.rawValue))
        let end = try receive(from: connection.server)
        #expect(end == "")
    }

    @Test func fullSocketTakesNothing() throws {
        let connection = try Connection()
        let block = String(repeating: "x", count: 1 << 20)
        while try send(block, to: connection.client) > 0 {}
        #expect(becomesReadable(connection.server.rawValue))
    }

    @Test func sendingToAClosedPeerIsAnErrorAndNoSignal() throws {
        let directory = try TemporaryDirectory()
        let listener = try ListeningSocket.bind(to: .unix(path: "\(directory.path)/a.sock"))
        let client = try Socket.connect(to: listener.localAddress)
        let wasAccepted = try acceptsConnection(listener)
        #expect(wasAccepted)
        #expect(throws: SystemError("send", code: EPIPE)) { _ = try send("x", to: client) }
    }

    @Test func refusedConnectionHoldsItsError() throws {
        let client = try Socket.connect(to: addressWhereNobodyListens())
        #expect(becomesWritable(client.rawValue))
        let code = try Socket.pendingError(of: client.rawValue)
        #expect(code == ECONNREFUSED)
        let next = try Socket.pendingError(of: client.rawValue)
        #expect(next == 0, "reading clears it")
    }

    @Test func missingUnixSocketFailsAtOnce() throws {
        let directory = try TemporaryDirectory()
        let address = SocketAddress.unix(path: "\(directory.path)/none.sock")
        #expect(throws: SystemError("connect to \(address)", code: ENOENT)) {
            _ = try Socket.connect(to: address)
        }
    }

    @Test func abandonedUnixSocketRefuses() throws {
        let directory = try TemporaryDirectory()
        let address = SocketAddress.unix(path: "\(directory.path)/a.sock")
        _ = try ListeningSocket.bind(to: address)
        #expect(throws: SystemError("connect to \(address)", code: ECONNREFUSED)) {
            _ = try Socket.connect(to: address)
        }
    }

    @Test func pathThatIsTooLongIsNotCut() throws {
        let directory = try TemporaryDirectory()
        let name = String(repeating: "n", count: 108)
        let address = SocketAddress.unix(path: "\(directory.path)/\(name)")
        let expected = SystemError("use \(address)", code: ENAMETOOLONG)
        #expect(throws: expected) { _ = try ListeningSocket.bind(to: address) }
        #expect(throws: expected) { _ = try Socket.connect(to: address) }
    }

    @Test func smallSegmentsAreNotDelayed() throws {
        let connection = try Connection()
        var value: CInt = 0
        var size = socklen_t(MemoryLayout<CInt>.size)
        let result = getsockopt(
            connection.client.rawValue, CInt(IPPROTO_TCP), TCP_NODELAY, &value, &size)
        #expect(result == 0)
        #expect(value != 0)
    }

    private func addressWhereNobodyListens() throws -> SocketAddress {
        // The socket is closed when its address is returned.
        try ListeningSocket.bind(to: .loopback(port: 0)).localAddress
    }
}
