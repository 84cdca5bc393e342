internal import GRPCCore
internal import LinuxIO

/// Makes channels over HTTP/2, all served by one thread of its own.
struct HTTP2Dialer: Dialing {
    private let connectTimeout: Duration
    private let eventLoop: EventLoop

    /// Starts the thread.
    ///
    /// - Parameter connectTimeout: How long connecting may take.
    /// - Throws: RESOURCE_EXHAUSTED where descriptors or threads have run out.
    init(connectTimeout: Duration) throws(AgentCallError) {
        self.connectTimeout = connectTimeout
        eventLoop = try EventLoop(serving: "agent-client")
    }

    func dial(_ address: SocketAddress) -> any AgentChannel {
        HTTP2Channel(
            Connection(
                to: address, role: "the fleet", connectTimeout: connectTimeout, eventLoop: eventLoop
            ))
    }

    func close() {
        eventLoop.stop()
    }
}

extension EventLoop {
    /// Starts a loop for a client's connections.
    ///
    /// - Parameter name: The thread's name, at most 15 bytes.
    /// - Throws: RESOURCE_EXHAUSTED where descriptors or threads have run out.
    convenience init(serving name: String) throws(AgentCallError) {
        do {
            try self.init(name: name)
        } catch {
            throw AgentCallError(.resourceExhausted, error.description, wasSent: false)
        }
    }
}
