internal import AgentManifest
private import Glibc
package import LinuxIO

/// Leads from the ports of agents to the unix sockets that they listen on.
///
/// The supervisor keeps the ports, so connections wait while an agent is away; and it asks who
/// connects, since the agent sees nobody but the supervisor.
package struct PortRelays: Sendable {
    /// Gives a connection back if its peer may call, now or later; else it has answered it.
    package typealias Screen =
        @Sendable (consuming OwnedDescriptor, @escaping (consuming OwnedDescriptor) -> Void) -> Void

    private let directory: String
    fileprivate let screen: Screen
    fileprivate let loop: EventLoop

    /// Prepares to relay.
    ///
    /// - Parameters:
    ///   - directory: Gets the agents' sockets; it is made, and closed to other users.
    ///   - loop: Runs the connections.
    ///   - screen: Decides who may call.
    /// - Throws: ``SystemError`` where the directory cannot be had.
    package init(
        in directory: String, on loop: EventLoop, screen: @escaping Screen
    ) throws(SystemError) {
        try PrivateDirectory.make(directory)
        self.directory = directory
        self.loop = loop
        self.screen = screen
    }

    /// The path of an agent's socket.
    ///
    /// - Parameter agent: The agent.
    /// - Returns: An absolute path.
    /// - Throws: ``InstanceError`` where the directory's path is too long for one.
    func path(for agent: AgentID) throws(InstanceError) -> String {
        let path = "\(directory)/\(agent).sock"
        guard SocketAddress.unix(path: path).fitsSockaddr else {
            throw InstanceError(
                "cannot name a unix socket for \(agent): \(path) has more than 107 bytes; set "
                    + "supervisor.runtime_dir to a shorter path")
        }
        return path
    }
}

/// Passes connections on to one instance of an agent.
///
/// Belongs to the event loop's thread.
final class PortRelay {
    /// How often it is said that bytes pass.
    private static let reportInterval: Duration = .seconds(1)

    /// As many as may be open; the next ones wait in the port's backlog.
    private static let mostConnections = 4096

    /// Called with a connection that the instance has not answered before it was gone.
    var onUnanswered: (RelayedConnection) -> Void = { _ in }
    private var connectionCount = 0

    private let relays: PortRelays
    private let target: SocketAddress
    private let onUse: () -> Void
    private var lastReport: MonotonicInstant?

    /// Prepares to pass connections on.
    ///
    /// - Parameters:
    ///   - relays: What all agents have in common.
    ///   - target: Where the instance listens.
    ///   - onUse: Called at most every second while bytes pass.
    init(_ relays: PortRelays, to target: SocketAddress, onUse: @escaping () -> Void) {
        self.relays = relays
        self.target = target
        self.onUse = onUse
    }

    /// Connects to the instance.
    ///
    /// - Returns: The connection.
    /// - Throws: ``SystemError`` where it does not listen, or has no room.
    func connect() throws(SystemError) -> OwnedDescriptor {
        guard connectionCount < Self.mostConnections else {
            throw SystemError("connect to \(target)", code: EAGAIN)
        }
        return try Socket.connect(to: target)
    }

    /// Joins a client to the instance, if it may call.
    ///
    /// - Parameters:
    ///   - client: The client's connection.
    ///   - instance: A connection to the instance.
    func join(_ client: consuming OwnedDescriptor, to instance: consuming OwnedDescriptor) {
        let instance = DescriptorBox(instance)
        relays.screen(client) { [self] client in
            guard let instance = instance.take() else { return }
            join(RelayedConnection(client, on: relays.loop), to: instance)
        }
    }

    /// Joins a client to the instance that another one has not answered.
    ///
    /// - Parameters:
    ///   - connection: The client's.
    ///   - instance: A connection to the instance.
    func join(_ connection: RelayedConnection, to instance: consuming OwnedDescriptor) {
        connectionCount += 1
        connection.join(instance) { [self] in
            reportUse()
        } onEnd: { [self] connection, outcome in
            connectionCount -= 1
            if outcome == .unanswered { onUnanswered(connection) }
        }
    }

    private func reportUse() {
        let now = MonotonicInstant.now
        if let lastReport, now.since(lastReport) < Self.reportInterval { return }
        lastReport = now
        onUse()
    }

    /// Hands a descriptor over to a closure, which cannot take it with it; closes it if that is not called.
    private final class DescriptorBox {
        private var descriptor: OwnedDescriptor?

        init(_ descriptor: consuming OwnedDescriptor) { self.descriptor = consume descriptor }

        func take() -> OwnedDescriptor? { descriptor.take() }
    }
}
