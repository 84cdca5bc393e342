import Testing

@testable import LinuxIO

/// Lines as a little-endian machine writes them.
struct TCPSocketTableTests {
    private let table = Array(
        """
          sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
           0: 0100007F:C382 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 5501 1 00000000212b89b8 100 0 0 10 0
           1: 0100007F:B224 0100007F:C382 06 00000000:00000000 03:0000176F 00000000     0        0 0 3 0000000001b29d5c
           2: 0100007F:A224 0100007F:C382 01 00000000:00000000 00:00000000 00000000  1000        0 77 1 0000000001b29d5c 20 4 0 10 -1
           3: 0000000000000000FFFF00000100007F:0050 0000000000000000FFFF00000100007F:C382 01 00000000:00000000 00:00000000 00000000  1001        0 78 1 0
           4: 00000000000000000000000001000000:0051 00000000000000000000000001000000:C382 08 00000000:00000000 00:00000000 00000000  1002        0 79 1 0
           5: garbage
        """.utf8)

    @Test(arguments: [
        ("127.0.0.1:41508", "127.0.0.1:50050", UInt32(1000)),
        ("127.0.0.1:80", "127.0.0.1:50050", 1001),
        ("[::1]:81", "[::1]:50050", 1002),
    ])
    func aConnectedSocketIsFound(address: String, peer: String, user: UInt32) throws {
        let found = try #require(try find(address, peer))
        #expect(found.userID == user)
        #expect(found.isHeld)
    }

    @Test func aSocketInTimeWaitIsNobodys() throws {
        let found = try #require(try find("127.0.0.1:45604", "127.0.0.1:50050"))
        #expect(!found.isHeld)
    }

    @Test(arguments: [
        ("127.0.0.1:41509", "127.0.0.1:50050"), ("127.0.0.1:41508", "127.0.0.1:50051"),
        ("127.0.0.1:50050", "127.0.0.1:41508"), ("[::1]:80", "[::1]:50050"),
    ])
    func anotherFourTupleIsNot(address: String, peer: String) throws {
        #expect(try find(address, peer) == nil)
    }

    private func find(_ address: String, _ peer: String) throws -> TCPSocketFacts? {
        TCPSocketTable.find(
            TCPEnds(
                address: try SocketAddress(parsing: address),
                peer: try SocketAddress(parsing: peer)), in: table)
    }
}
