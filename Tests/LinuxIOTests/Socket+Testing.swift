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

    init() throws {
        let listener = try ListeningSocket.bind(to: .loopback(port: 0))
        let connecting = try Socket.connect(to: listener.localAddress)
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
