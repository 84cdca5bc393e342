import Glibc
import LinuxIO

@testable import HTTP2Transport

/// One end of a connection whose frames a test writes and reads itself.
///
/// It blocks the calling thread, for at most a few seconds at a time.
final class RawPeer {
    struct TimedOut: Error {}

    private let descriptor: OwnedDescriptor
    private var unread: [UInt8] = []
    private var isAtEnd = false

    private static let timeout: CInt = 20_000

    private init(_ descriptor: consuming OwnedDescriptor) {
        self.descriptor = descriptor
    }

    /// Connects as a client, and says nothing yet.
    static func connect(to address: SocketAddress) throws -> RawPeer {
        // Loopback connects at once.
        RawPeer(try Socket.connect(to: address))
    }

    /// Connects as a client that has sent its preface and knows the server's settings.
    static func begin(with address: SocketAddress) throws -> RawPeer {
        let peer = try connect(to: address)
        try peer.send(RawFrame.preface)
        _ = try peer.receive { $0.kind == .settings }
        try peer.send(.settingsAcknowledgement)
        return peer
    }

    /// Waits for a client, and sends it what a server sends first.
    static func accept(from listener: RawListener) throws -> RawPeer {
        try wait(for: CInt(POLLIN), on: listener.socket.descriptor.rawValue)
        guard let descriptor = try listener.socket.accept() else { throw TimedOut() }
        let peer = RawPeer(descriptor)
        try peer.send(.settings())
        while peer.unread.count < 24, try peer.read() {}
        // The client's magic is no frame.
        peer.unread.removeFirst(min(24, peer.unread.count))
        // Its settings came with the magic; from now on they count.
        try peer.send(.settingsAcknowledgement)
        return peer
    }

    func send(_ frames: RawFrame...) throws {
        try send(frames.flatMap(\.bytes))
    }

    /// Sends bytes as they are.
    ///
    /// - Throws: `SystemError` once the other end has closed the connection.
    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = try bytes.withUnsafeBytes {
                try Socket.send(
                    UnsafeRawBufferPointer(rebasing: $0[sent...]), to: descriptor.rawValue)
            }
            sent += count
            if count == 0 { try Self.wait(for: CInt(POLLOUT), on: descriptor.rawValue) }
        }
    }

    /// Answers a call, as a server, with one short message.
    func answer(_ stream: UInt32, with message: [UInt8]) throws {
        try send(
            .headers(stream, [(":status", "200"), ("content-type", "application/grpc")]),
            .data(stream, [0, 0, 0, 0, UInt8(message.count)] + message),
            .headers(stream, [("grpc-status", "0")], endsStream: true))
    }

    /// Ends its side, and reads what the other one still sends.
    func finish() throws {
        Socket.endSending(on: descriptor.rawValue)
        _ = try receiveToTheEnd()
    }

    /// The next frame; nil at the end of the connection.
    func receive() throws -> RawFrame? {
        while true {
            if let frame = RawFrame.take(from: &unread) { return frame }
            guard try read() else { return nil }
        }
    }

    /// The next frame that a test asks for; others are passed over.
    ///
    /// Nil at the end of the connection.
    func receive(where isWanted: (RawFrame) -> Bool) throws -> RawFrame? {
        while let frame = try receive() {
            if isWanted(frame) { return frame }
        }
        return nil
    }

    /// All frames up to the end of the connection.
    func receiveToTheEnd() throws -> [RawFrame] {
        var frames: [RawFrame] = []
        while let frame = try receive() { frames.append(frame) }
        return frames
    }

    private func read() throws -> Bool {
        guard !isAtEnd else { return false }
        try Self.wait(for: CInt(POLLIN), on: descriptor.rawValue)
        let count = try withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 1) { buffer in
            let count = try Socket.receive(from: descriptor.rawValue, into: buffer)
            unread += buffer.prefix(count ?? 0)
            return count
        }
        isAtEnd = count == 0
        return !isAtEnd
    }

    private static func wait(for events: CInt, on fd: CInt) throws {
        var entry = pollfd(fd: fd, events: Int16(events), revents: 0)
        guard poll(&entry, 1, timeout) == 1 else { throw TimedOut() }
    }
}

/// Where clients connect to peers that a test plays.
///
/// A class, as a value without copies can be captured by no closure.
final class RawListener: Sendable {
    let socket: ListeningSocket

    init() throws {
        socket = try ListeningSocket.bind(to: .loopback(port: 0))
    }

    var address: SocketAddress { socket.localAddress }
}
