internal import AgentManifest
private import Glibc
internal import HTTP2Transport
internal import LinuxIO
internal import Systemd

/// The sockets that a supervisor gets when it starts: those that systemd passes, and those it binds.
struct SupervisorSockets: ~Copyable {
    private var passed = AdoptedListeners()
    /// The files of the unix sockets that it bound; those of the passed ones are systemd's.
    private var files: [String] = []

    /// Takes what was passed: by the socket unit under any name, and from the store of descriptors.
    ///
    /// - Throws: ``SystemError`` where a socket has no address.
    init(_ sockets: consuming PassedSockets) throws(SystemError) {
        for name in sockets.names {
            guard let socket = sockets.take(name: name) else { continue }
            try passed.add(socket, isKept: DescriptorStore.isName(name))
        }
    }

    /// Takes what was passed out, but for what the supervisor listens on itself.
    mutating func takeRest() -> AdoptedListeners { passed.takeAll() }

    /// Takes the socket of an address out; `nil` where none was passed.
    mutating func take(_ address: SocketAddress) -> OwnedDescriptor? { passed.take(address) }

    /// Makes the transport that the supervisor serves on: each of its addresses is bound, unless a
    /// socket that listens there was passed.
    ///
    /// - Throws: ``SupervisorStartError`` that names who has the address.
    mutating func makeTransport(
        on addresses: [ListenAddress], configuration: HTTP2ServerTransport.Configuration,
        loop: EventLoop
    ) throws -> HTTP2ServerTransport {
        let configured = try addresses.map { try SocketAddress(parsing: $0.description) }
        var listeners: [HTTP2ServerTransport.Listener] = []
        var files: [String] = []
        for address in configured {
            if let socket = passed.take(address) {
                listeners.append(.descriptor(socket.release()))
            } else {
                listeners.append(.address(address))
                if case .unix(let path) = address { files.append(path) }
            }
        }
        do {
            let transport = try HTTP2ServerTransport(
                listeners: listeners, configuration: configuration, eventLoop: loop)
            self.files = files
            return transport
        } catch let error as SystemError {
            let address = configured.first { error.operation.hasSuffix("\($0)") }
            guard let address else { throw error }
            let sentence = PortError(error, address: address).sentence(
                for: "the supervisor", key: "supervisor.addresses")
            throw SupervisorStartError([sentence])
        }
    }

    /// Removes the files of the sockets that it bound.
    func removeFiles() {
        for file in files { unlink(file) }
    }
}
