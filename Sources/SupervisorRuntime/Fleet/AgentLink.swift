internal import GRPCCore
internal import HTTP2Transport
internal import LinuxIO
internal import Synchronization

/// A kept connection to one instance of an agent.
///
/// It is made with the first call, and closed after the last one once the instance is done with: the
/// next instance gets another, which owes nothing to the reconnection delays of this one.
final class AgentLink: Sendable {
    typealias Transport = HTTP2ClientTransport

    private struct State {
        var users = 0
        var isRetired = false
    }

    let client: GRPCClient<Transport>
    /// Whether the instance counts its calls itself; false once it has said that it does not.
    let servesMetrics = Atomic(true)
    private let state = Mutex(State())

    init(to address: SocketAddress, on loop: EventLoop) {
        let client = GRPCClient(transport: Transport(target: address, eventLoop: loop))
        self.client = client
        Task(executorPreference: loop) {
            // Calls report why they fail; that the connection ends is not an error of its own.
            try? await client.runConnections()
        }
    }

    /// Counts a call that is going to use it.
    func use() { state.withLock { $0.users += 1 } }

    /// Counts a call that is over.
    func release() { update { $0.users -= 1 } }

    /// Closes it when no call uses it any more.
    func retire() { update { $0.isRetired = true } }

    private func update(_ change: (inout State) -> Void) {
        let isDone = state.withLock { state in
            let wasDone = state.isRetired && state.users == 0
            change(&state)
            return !wasDone && state.isRetired && state.users == 0
        }
        if isDone { client.beginGracefulShutdown() }
    }
}
