private import Glibc
internal import GRPCCore
internal import LinuxIO

/// Decides whether the peers of a server's connections may call.
///
/// Belongs to the loop's thread.
final class PeerAuthorizer {
    /// What is decided on a connection.
    enum Decision: Sendable, Equatable {
        case admitted
        /// Its calls are answered with this.
        case refused(Status)
    }

    private let users: Set<UInt32>
    private let groups: Set<UInt32>
    private let remedy: String
    private let ownUser = geteuid()
    private var diagnosis: SocketDiagnosis
    private let cache: GroupCache

    /// Prepares to decide; nil where there is nothing to decide.
    ///
    /// - Parameters:
    ///   - policy: Whom to admit.
    ///   - cache: Knows the groups of users.
    /// - Throws: `SystemError` where descriptors have run out.
    init?(_ policy: HTTP2ServerTransport.PeerPolicy, cache: GroupCache) throws(SystemError) {
        guard case .users(let users, let groups, let remedy) = policy else { return nil }
        self.users = users
        self.groups = groups
        self.remedy = remedy
        diagnosis = try SocketDiagnosis()
        self.cache = cache
    }

    /// Asks the kernel who is at the other end of a TCP connection.
    ///
    /// - Throws: `PeerIdentityError`.
    func identify(_ connection: CInt) throws(PeerIdentityError) -> PeerCredentials {
        try diagnosis.peer(of: connection)
    }

    /// Decides on a peer.
    ///
    /// - Parameters:
    ///   - peer: Who it is.
    ///   - completion: Called later, where the user's groups have to be looked up first.
    /// - Returns: Nil where the completion is called.
    func decide(
        on peer: PeerCredentials, completion: @escaping (Decision) -> Void
    ) -> Decision? {
        let user = peer.userID
        if user == 0 || user == ownUser || users.contains(user)
            || !groups.isDisjoint(with: peer.groupIDs)
        {
            return .admitted
        }
        guard !groups.isEmpty else { return refusal(of: user) }
        let known = cache.groups(ofUser: user) { [self] in
            completion(decide(on: user, in: $0))
        }
        return known.map { decide(on: user, in: $0) }
    }

    /// What a peer is answered that nobody can tell the user of.
    func refusal(_ error: PeerIdentityError) -> Decision {
        if case .unanswered = error.reason { return unavailable("\(error)") }
        return .refused(Status(code: .permissionDenied, message: "\(error)"))
    }

    private func decide(
        on user: UInt32, in found: Result<Set<UInt32>, SystemError>
    ) -> Decision {
        switch found {
        case .success(let found): groups.isDisjoint(with: found) ? refusal(of: user) : .admitted
        case .failure(let error):
            unavailable("cannot tell whether to serve user \(user): \(error); try again")
        }
    }

    private func refusal(of user: UInt32) -> Decision {
        let own = ownUser == 0 ? "" : ", user \(ownUser)"
        return .refused(
            Status(
                code: .permissionDenied,
                message:
                    "cannot serve user \(user): only root\(own) and those who are allowed may call; \(remedy)"
            ))
    }

    private func unavailable(_ sentence: String) -> Decision {
        .refused(Status(code: .unavailable, message: sentence))
    }
}

extension PeerAuthorizer.Decision {
    /// Whether it holds for the connection's next call too.
    var isFinal: Bool {
        guard case .refused(let status) = self else { return true }
        return status.code != .unavailable
    }
}
