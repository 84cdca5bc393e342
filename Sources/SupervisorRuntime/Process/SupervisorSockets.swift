internal import AgentManifest
internal import HTTP2Transport
internal import LinuxIO
internal import Systemd

/// The sockets that a supervisor gets when it starts: those that systemd passes, and those it binds.
struct SupervisorSockets: ~Copyable {
    /// The name (`FileDescriptorName=`) of sockets for the supervisor itself; an agent's socket has the
    /// agent's id.
    static let ownName = "supervisor"

    private var own: [CInt] = []
    private var agents = AdoptedListeners()

    /// Sorts what was passed; what has no name that is known here is closed.
    init(_ passed: consuming PassedSockets) {
        for name in passed.names {
            guard let descriptor = passed.take(name: name) else { continue }
            if name == Self.ownName {
                own.append(descriptor.release())
            } else if let id = AgentID(rawValue: name) {
                agents.add(descriptor, for: id)
            }
        }
    }

    deinit {
        for descriptor in own { _ = OwnedDescriptor(owning: descriptor) }
    }

    /// Takes the agents' sockets out.
    mutating func takeAgents() -> AdoptedListeners { agents.takeAll() }

    /// Makes the transport that the supervisor serves on: on the sockets that were passed for it, else
    /// on the configured addresses.
    ///
    /// - Throws: ``SupervisorStartError`` that names who has the address.
    mutating func makeTransport(
        on addresses: [ListenAddress], configuration: HTTP2ServerTransport.Configuration,
        loop: EventLoop
    ) throws -> HTTP2ServerTransport {
        let passed = own.map { HTTP2ServerTransport.Listener.descriptor($0) }
        own = []
        let configured = try addresses.map { try SocketAddress(parsing: $0.description) }
        do {
            return try HTTP2ServerTransport(
                listeners: passed.isEmpty ? configured.map { .address($0) } : passed,
                configuration: configuration, eventLoop: loop)
        } catch let error as SystemError {
            let address = configured.first { error.operation.hasSuffix("\($0)") }
            guard let address else { throw error }
            let sentence = PortError(error, address: address).sentence(
                for: "the supervisor", key: "supervisor.addresses")
            throw SupervisorStartError([sentence])
        }
    }
}
