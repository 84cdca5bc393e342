internal import HTTP2Transport
private import LinuxIO

/// Whose calls an agent takes: root's, its own user's, and those of whom its flags and its supervisor name.
///
/// The supervisor names them in `OP_ALLOWED_USERS` and `OP_ALLOWED_GROUPS`: names or numbers, a colon between them.
enum AdmittedPeers {
    /// Reads what the agent was started with.
    ///
    /// Blocks while the system's users and groups are looked up.
    ///
    /// - Parameters:
    ///   - options: The flags.
    ///   - variables: The environment variables.
    /// - Returns: The policy of the agent's server.
    /// - Throws: ``AgentStartError`` for an account that is unknown.
    static func policy(
        options: AgentOptions, variables: [String: String]
    ) throws(AgentStartError) -> HTTP2ServerTransport.PeerPolicy {
        let users = [
            ("--allow-user", options.allowedUsers), list("OP_ALLOWED_USERS", in: variables),
        ]
        let groups = [
            ("--allow-group", options.allowedGroups), list("OP_ALLOWED_GROUPS", in: variables),
        ]
        return .users(
            try ids(of: users, kind: "user", find: AccountDatabase.userID(of:)),
            groups: try ids(of: groups, kind: "group", find: AccountDatabase.groupID(of:)),
            remedy: isSupervised(variables) ? supervisedRemedy : ownRemedy)
    }

    private static let supervisedRemedy = """
        add it to supervisor.allowed_users, or a group of its to supervisor.allowed_groups, and \
        restart op-supervisor
        """
    private static let ownRemedy =
        "start this agent with --allow-user, or --allow-group for a group of its"

    private static func isSupervised(_ variables: [String: String]) -> Bool {
        variables["OP_SUPERVISOR_ADDRESS"]?.isEmpty == false
    }

    private static func list(
        _ name: String, in variables: [String: String]
    ) -> (source: String, accounts: [String]) {
        (name, variables[name]?.split(separator: ":").map(String.init) ?? [])
    }

    private static func ids(
        of lists: [(source: String, accounts: [String])], kind: String,
        find: (String) throws(SystemError) -> UInt32?
    ) throws(AgentStartError) -> Set<UInt32> {
        var found: Set<UInt32> = []
        for (source, accounts) in lists {
            for account in accounts {
                found.insert(try id(of: account, kind: kind, source: source, find: find))
            }
        }
        return found
    }

    private static func id(
        of account: String, kind: String, source: String,
        find: (String) throws(SystemError) -> UInt32?
    ) throws(AgentStartError) -> UInt32 {
        do {
            if let id = try find(account) { return id }
        } catch {
            throw AgentStartError(
                description: "cannot allow the \(kind) \(account): \(error); give its number")
        }
        throw AgentStartError(
            description: "cannot allow the \(kind) \(account): there is none of that name; "
                + "write the name or number of another in \(source)")
    }
}
