/// Keeps listening sockets open while this process is replaced by its next one.
package protocol ListenerKeeping: Sendable {
    /// Keeps a copy of an agent's socket, which the next process is passed.
    ///
    /// - Parameters:
    ///   - descriptor: The socket; the caller keeps its own.
    ///   - port: The port of 127.0.0.1 that it listens on.
    func keep(_ descriptor: Int32, port: UInt16)

    /// Closes the copy, so that the port is free once the caller closes its own.
    ///
    /// - Parameter port: The port of 127.0.0.1 that it listens on.
    func discard(port: UInt16)
}
