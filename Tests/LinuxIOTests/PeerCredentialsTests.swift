import Glibc
import LinuxIO
import Testing

struct PeerCredentialsTests {
    @Test func aUnixSocketSaysWhoConnected() throws {
        let directory = try TemporaryDirectory()
        let connection = try Connection(to: .unix(path: "\(directory.path)/a.sock"))
        let peer = try PeerCredentials(ofPeerOnUnixSocket: connection.server.rawValue)
        #expect(peer.userID == geteuid())
        #expect(peer.processID == getpid())
        #expect(peer.groupIDs.first == getegid())
        #expect(Set(peer.groupIDs.dropFirst()) == Set(ownSupplementaryGroups()))
    }

    @Test func aDescriptorThatIsNoSocketIsRefused() throws {
        let pipe = try Pipe()
        #expect(throws: SystemError.self) {
            _ = try PeerCredentials(ofPeerOnUnixSocket: pipe.reader.rawValue)
        }
    }

    private func ownSupplementaryGroups() -> [gid_t] {
        var groups = [gid_t](repeating: 0, count: Int(max(getgroups(0, nil), 0)))
        return getgroups(CInt(groups.count), &groups) >= 0 ? groups : []
    }
}
