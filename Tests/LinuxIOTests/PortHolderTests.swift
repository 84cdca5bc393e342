import Glibc
import Testing

@testable import LinuxIO

struct PortHolderTests {
    private static let table = """
          sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
           0: 0100007F:C383 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 12345 1
           1: 0100007F:C383 0100007F:D431 01 00000000:00000000 00:00000000 00000000  1000        0 777 1
           2: 0100007F:C384 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 888 1
        """

    @Test(arguments: [(50051, ["12345"]), (50052, ["888"]), (1, [])] as [(UInt16, [String])])
    func onlyListeningSocketsOfThePortAreFound(port: UInt16, inodes: [String]) {
        #expect(PortHolder.listeningInodes(inTable: Self.table, port: port) == inodes)
    }

    @Test func thisProcessIsFoundByItsPort() throws {
        let socket = try ListeningSocket.bind(to: .loopback(port: 0))
        let port = try #require(socket.localAddress.port)
        let holder = try #require(PortHolder.find(listeningOn: port))
        #expect(holder.pid == getpid())
        #expect(!holder.command.isEmpty)
    }

    @Test func nobodyIsFoundOnAFreePort() throws {
        let port: UInt16
        do {
            let socket = try ListeningSocket.bind(to: .loopback(port: 0))
            port = try #require(socket.localAddress.port)
        }
        #expect(PortHolder.find(listeningOn: port) == nil)
    }
}
