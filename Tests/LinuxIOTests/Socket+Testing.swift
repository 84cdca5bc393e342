import LinuxIO

/// Sends a text and says how many of its bytes were taken.
func send(_ text: String, to descriptor: borrowing OwnedDescriptor) throws -> Int {
    try Array(text.utf8).withUnsafeBytes { bytes in
        try Socket.send(bytes, to: descriptor.rawValue)
    }
}

/// What has arrived, "" at the end; nil where nothing has.
func receive(from descriptor: borrowing OwnedDescriptor) throws -> String? {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = try buffer.withUnsafeMutableBytes { bytes in
        try Socket.receive(from: descriptor.rawValue, into: bytes)
    }
    return count.map { String(decoding: buffer.prefix($0), as: UTF8.self) }
}

/// A connection over loopback, seen from both ends.
struct Connection: ~Copyable {
    struct NothingAccepted: Error {}

    let client: OwnedDescriptor
    let server: OwnedDescriptor

    /// Connects to a listener of its own.
    ///
    /// - Parameters:
    ///   - address: Where the listener is.
    ///   - host: How the client names the listener's host, where not as the listener does.
    /// - Throws: What keeps them from being connected.
    init(
        to address: SocketAddress = .loopback(port: 0), through host: String? = nil
    ) throws {
        let listener = try ListeningSocket.bind(to: address)
        var target = listener.localAddress
        if let host, let port = target.port {
            target = try SocketAddress(parsing: "\(host):\(port)")
        }
        let connecting = try Socket.connect(to: target)
        guard becomesReadable(listener.descriptor.rawValue), let accepted = try listener.accept()
        else {
            throw NothingAccepted()
        }
        client = connecting
        server = accepted
    }
}

/// Whether a connection waits at a listening socket; it is accepted and closed.
func acceptsConnection(_ listener: borrowing ListeningSocket) throws -> Bool {
    guard let connection = try listener.accept() else { return false }
    return connection.rawValue >= 0
}
