internal import GRPCCore
internal import LinuxIO
internal import Synchronization

/// The kept channels of a client, one to each address.
final class ChannelPool: Sendable {
    private enum State {
        case open([SocketAddress: any AgentChannel])
        case closed
    }

    private let dialer: any Dialing
    private let state = Mutex(State.open([:]))

    init(dialer: any Dialing) {
        self.dialer = dialer
    }

    /// The channel to an address, which is made where there is none.
    ///
    /// - Parameter address: Where to connect.
    /// - Returns: The channel.
    /// - Throws: FAILED_PRECONDITION once the pool is closed.
    func channel(to address: SocketAddress) throws(AgentCallError) -> any AgentChannel {
        let channel: (any AgentChannel)? = state.withLock { state in
            guard case .open(var channels) = state else { return nil }
            if let channel = channels[address] { return channel }
            // Dialling only makes the channel, it does not wait for the connection.
            let channel = dialer.dial(address)
            channels[address] = channel
            state = .open(channels)
            return channel
        }
        guard let channel else {
            throw AgentCallError(
                .failedPrecondition, "cannot call with a client that is closed; make another",
                wasSent: false)
        }
        return channel
    }

    /// Lets running calls finish and closes all channels; closing again does nothing.
    func close() async {
        let channels: [any AgentChannel]? = state.withLock { state in
            guard case .open(let channels) = state else { return nil }
            state = .closed
            return Array(channels.values)
        }
        guard let channels else { return }
        await withDiscardingTaskGroup { group in
            for channel in channels {
                group.addTask { await channel.close() }
            }
        }
        dialer.close()
    }
}
