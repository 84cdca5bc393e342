private import CLinuxIO
private import Glibc

/// Who is at the other end of a connection within this machine.
///
/// It is the one who *made* the other end: a process that was handed a connected socket has the identity of the
/// one that it has it from, and whoever is behind a proxy (a container engine's, `socat`) that of the proxy. A
/// user that this process's user namespace does not know is 65534, "nobody", like every other such user.
public struct PeerCredentials: Sendable, Hashable {
    /// The user.
    ///
    /// On a unix socket the effective user of the process that connected, over loopback TCP the user who made
    /// the socket.
    public var userID: UInt32
    /// The process that connected; nil over TCP, and where it belongs to another PID namespace.
    ///
    /// A name and no more: the process may have ended, and another one have its number.
    public var processID: Int32?
    /// The groups of the process that connected, the effective one first; empty over TCP.
    public var groupIDs: [UInt32]

    /// Names a peer.
    ///
    /// - Parameters:
    ///   - userID: The user.
    ///   - processID: The process, where it is known.
    ///   - groupIDs: The groups of the process, where they are known.
    public init(userID: UInt32, processID: Int32? = nil, groupIDs: [UInt32] = []) {
        self.userID = userID
        self.processID = processID
        self.groupIDs = groupIDs
    }

    /// Asks who connected to a unix socket (SO_PEERCRED and SO_PEERGROUPS of unix(7)).
    ///
    /// - Parameter connection: A connected unix socket.
    /// - Throws: ``SystemError`` where it is none.
    package init(ofPeerOnUnixSocket connection: CInt) throws(SystemError) {
        var (pid, uid, gid) = (CInt(0), UInt32(0), UInt32(0))
        guard clinuxio_peer_credentials(connection, &pid, &uid, &gid) == 0 else {
            throw SystemError("ask who is at the other end of a socket")
        }
        self.init(
            userID: uid, processID: pid > 0 ? pid : nil,
            groupIDs: [gid] + (try Self.supplementaryGroups(of: connection)))
    }

    private static func supplementaryGroups(of connection: CInt) throws(SystemError) -> [UInt32] {
        var capacity = 32
        while true {
            var count = 0
            let groups = [UInt32](unsafeUninitializedCapacity: capacity) { buffer, initialized in
                count = clinuxio_peer_groups(connection, buffer.baseAddress, capacity)
                initialized = count > capacity ? 0 : max(count, 0)
            }
            guard count >= 0 else {
                throw SystemError("ask for the groups of who is at the other end of a socket")
            }
            guard count > capacity else { return groups }
            capacity = count
        }
    }
}
