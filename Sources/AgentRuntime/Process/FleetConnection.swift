internal import AgentAPI
private import HTTP2Transport
internal import LinuxIO
internal import Logging

/// What an agent knows of its fleet: a supervisor where one is connected, otherwise only itself.
struct FleetConnection: Sendable {
    /// Takes calls for other agents.
    let forwarding: any FleetForwarding
    /// Which sessions exist.
    let sessions: any SessionValidating

    private let link: SupervisorLink<HTTP2ClientTransport>?
    private let supervisedSessions: SupervisedSessions?

    /// Creates the connection that `OP_SUPERVISOR_ADDRESS` asks for, if any.
    ///
    /// - Throws: `SocketAddressError`.
    init(agent: Op_Agents_V1_AgentInfo, variables: [String: String], loop: EventLoop) throws {
        guard let address = variables["OP_SUPERVISOR_ADDRESS"], !address.isEmpty else {
            let local = LocalSessions()
            sessions = local
            forwarding = Unsupervised(agent: agent, sessions: local)
            link = nil
            supervisedSessions = nil
            return
        }
        let link = SupervisorLink(
            transport: HTTP2ClientTransport(
                target: try SocketAddress(parsing: address), eventLoop: loop),
            agentID: agent.id)
        let supervised = SupervisedSessions(link, executor: loop)
        self.link = link
        supervisedSessions = supervised
        sessions = supervised
        forwarding = link
    }

    /// Keeps the connection to the supervisor until ``close()``.
    func run(logger: Logger) async {
        do {
            try await link?.run()
        } catch {
            logger.error(
                "cannot keep the connection to the supervisor: \(error); restart this agent")
        }
    }

    /// Lets go of the sessions, which does not end them, and closes the connection.
    func close() {
        supervisedSessions?.releaseAll()
        link?.close()
    }
}
