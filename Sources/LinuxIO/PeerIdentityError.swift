/// A peer that nobody can tell the user of.
package struct PeerIdentityError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Why not.
    package enum Reason: Sendable, Hashable {
        /// It is not on the loopback interface.
        case elsewhere
        /// Its socket is closed, or about to be.
        case gone
        /// The connection belongs to another network namespace than this process.
        case otherNamespace
        /// The kernel could not say, this time.
        case unanswered(SystemError)
    }

    /// Where it is; nil where even that is not known any more.
    package var peer: SocketAddress?
    /// Why not.
    package var reason: Reason

    /// Creates an error.
    ///
    /// - Parameters:
    ///   - peer: Where it is, where that is known.
    ///   - reason: Why nobody can tell.
    package init(peer: SocketAddress?, reason: Reason) {
        self.peer = peer
        self.reason = reason
    }

    /// One sentence that starts with "cannot" and says the remedy.
    package var description: String {
        let subject = "cannot tell who calls" + (peer.map { " from \($0)" } ?? "")
        return switch reason {
        case .elsewhere:
            "\(subject): only peers on 127.0.0.1, [::1] and unix sockets are known; connect over one of these"
        case .gone: "\(subject): the connection is closed; connect again"
        case .otherNamespace:
            "\(subject): the connection belongs to another network namespace; connect over a unix socket"
        case .unanswered(let error): "\(subject): \(error); try again"
        }
    }
}
