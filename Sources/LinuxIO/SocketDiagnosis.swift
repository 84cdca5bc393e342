private import CLinuxIO
private import Glibc

/// Asks the kernel who holds the other end of a TCP connection within this machine (sock_diag(7)).
///
/// A question takes about 8 us, and never waits. Two things may take longer: the first question where inet_diag is a
/// module that has to be loaded, and each one where the kernel has none at all, since then the tables of all TCP
/// sockets are read (proc(5)).
package struct SocketDiagnosis: ~Copyable {
    /// Nil where the kernel has no such sockets.
    private let descriptor: OwnedDescriptor?
    /// The number of that.
    private let fd: CInt?
    private let networkNamespace: UInt64?
    private var sequence: UInt32 = 0
    /// Once the kernel has answered, "no such socket" means just that, and not that it cannot tell.
    private var hasAnswered = false

    /// Prepares to ask, about connections of the calling thread's network namespace.
    ///
    /// - Throws: ``SystemError`` where descriptors have run out.
    package init() throws(SystemError) {
        let socket = clinuxio_socket_diagnosis()
        if socket < 0, errno == EPROTONOSUPPORT || errno == EAFNOSUPPORT {
            descriptor = nil
            fd = nil
            networkNamespace = nil
        } else {
            descriptor = try OwnedDescriptor(
                owning: socket, from: "open a socket to ask about sockets")
            fd = socket
            networkNamespace = Self.networkNamespace(of: socket)
        }
    }

    /// The user at the other end of a TCP connection.
    ///
    /// Only over loopback: of any other peer, its own machine knows.
    ///
    /// - Parameter connection: The near end, connected.
    /// - Returns: The user who made the far end.
    /// - Throws: ``PeerIdentityError``.
    package mutating func peer(of connection: CInt) throws(PeerIdentityError) -> PeerCredentials {
        let near: SocketAddress
        let far: SocketAddress
        do {
            near = try SocketAddress(localAddressOf: connection).unmapped
            far = try SocketAddress(remoteAddressOf: connection).unmapped
        } catch {
            throw PeerIdentityError(peer: nil, reason: .gone)
        }
        guard far.isLoopback, near.isLoopback else {
            throw PeerIdentityError(peer: far, reason: .elsewhere)
        }
        // The same four-tuple may exist in another namespace, from where our end may have been passed to us.
        let namespace = Self.networkNamespace(of: connection)
        guard networkNamespace == nil || namespace == networkNamespace else {
            throw PeerIdentityError(peer: far, reason: .otherNamespace)
        }
        let socket: TCPSocketFacts?
        do {
            socket = try find(TCPEnds(address: far, peer: near))
        } catch {
            throw PeerIdentityError(peer: far, reason: .unanswered(error))
        }
        guard let socket, socket.isHeld else { throw PeerIdentityError(peer: far, reason: .gone) }
        return PeerCredentials(userID: socket.userID)
    }

    private mutating func find(_ ends: TCPEnds) throws(SystemError) -> TCPSocketFacts? {
        guard let fd else { return try TCPSocketTable.find(ends) }
        sequence &+= 1
        var question = ends.question
        var answer = clinuxio_tcp_socket()
        if clinuxio_find_tcp_socket(fd, sequence, &question, &answer) == 0 {
            hasAnswered = true
            return TCPSocketFacts(
                state: answer.state, userID: answer.uid, inode: UInt64(answer.inode))
        }
        guard errno == ENOENT else { throw SystemError("ask the kernel about \(ends)") }
        // Also what a kernel without inet_diag says.
        return hasAnswered ? nil : try TCPSocketTable.find(ends)
    }

    /// A number that names the network namespace of a socket; nil where the kernel is too old to say (before 5.14).
    private static func networkNamespace(of socket: CInt) -> UInt64? {
        var cookie: UInt64 = 0
        return clinuxio_network_namespace(socket, &cookie) == 0 ? cookie : nil
    }
}

/// What the kernel says of a TCP socket.
struct TCPSocketFacts: Sendable, Hashable {
    /// As in `<netinet/tcp.h>`.
    var state: UInt8
    var userID: UInt32
    var inode: UInt64

    /// The states in which both ends know of each other: ESTABLISHED, FIN_WAIT1, FIN_WAIT2, CLOSE_WAIT, LAST_ACK and
    /// CLOSING.
    private static let connected: Set<UInt8> = [1, 4, 5, 8, 9, 11]

    /// Whether a process has the socket open, and connected.
    ///
    /// Of a socket that nobody holds any more (no inode; TIME_WAIT) kernels say that it is root's; a
    /// listening socket or one that connects has at most the address of the peer in common.
    var isHeld: Bool { inode != 0 && Self.connected.contains(state) }
}
