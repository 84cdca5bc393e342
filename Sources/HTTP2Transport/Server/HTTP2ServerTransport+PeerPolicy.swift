internal import LinuxIO

extension HTTP2ServerTransport {
    /// Whose calls a server takes.
    ///
    /// Who calls is asked of the kernel, once for each connection, at its first call: clients need no token. What
    /// the kernel knows is said at `PeerCredentials`. A call that is not taken is answered with PERMISSION_DENIED,
    /// and no handler sees it; health checks are calls like any other.
    public enum PeerPolicy: Sendable, Hashable {
        /// Those of everyone who reaches the sockets.
        case anyone
        /// Those of root, of the user that the server runs as, and of these users and the members of these groups.
        ///
        /// A peer that cannot be told the user of is refused: one that is not on this machine, whose
        /// connection belongs to another network namespace, or that has closed its socket already.
        ///
        /// On a unix socket the groups are those of the process that connected and those of its user; over TCP
        /// those of its user, as the system's database has them, remembered for half a minute. Unix
        /// sockets that the transport binds have mode 0600, or 0666 where a user or group is named here.
        ///
        /// - Parameter remedy: What somebody who is refused can do about it; ends the sentence of the status.
        case users(
            Set<UInt32>, groups: Set<UInt32> = [],
            remedy: String = "ask who runs this server to admit you")

        /// The permissions of the file of a unix socket; nil: as the process's umask says.
        var socketMode: UInt32? {
            switch self {
            case .anyone: nil
            case .users(let users, let groups, _): users.isEmpty && groups.isEmpty ? 0o600 : 0o666
            }
        }
    }
}
