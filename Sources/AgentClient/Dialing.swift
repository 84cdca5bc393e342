package import LinuxIO

/// Makes channels.
package protocol Dialing: Sendable {
    /// Makes a channel that connects with its first call, and again after it was cut off.
    ///
    /// - Parameter address: Where to connect.
    /// - Returns: The channel.
    func dial(_ address: SocketAddress) -> any AgentChannel

    /// Releases what the channels shared. They are closed by then.
    func close()
}
