internal import LinuxIO

/// A client's connection whose bytes are passed on to an instance, and the instance's back.
///
/// What one end has no room for is kept, at most a chunk, and the other end is not read meanwhile: a slow
/// reader slows its writer down, as if they were connected. The end of a direction is passed on too.
///
/// An instance may end with connections in its backlog. An HTTP/2 server begins by sending its settings
/// (RFC 9113, section 3.4); so from whom nothing has come, it has not begun, and the client is
/// joined to the next instance, which gets everything that the client has sent.
///
/// Belongs to the event loop's thread; its watches keep it until both directions have ended, or one of
/// the sockets has failed.
final class RelayedConnection {
    /// How it ended.
    enum Outcome {
        case over
        /// The instance is gone, and has answered nothing.
        case unanswered
    }

    /// One of the sockets.
    private final class End {
        let socket: OwnedDescriptor
        var watch: Watch?
        /// Whether more may come from it.
        var mayRead = true
        /// What came from the other end and this one had no room for.
        var backlog: ArraySlice<UInt8> = []

        init(_ socket: consuming OwnedDescriptor) { self.socket = socket }
    }

    /// What is read at a time, and sent to an instance that has not answered yet; in bytes.
    private static let chunk = 64 << 10

    private let client: End
    private var instance: End?
    /// What the client has sent, until the instance sends something.
    private var unanswered: [UInt8]? = []
    private let loop: EventLoop
    private var onBytes: () -> Void = {}
    private var onEnd: (RelayedConnection, Outcome) -> Void = { _, _ in }

    /// Takes a connection, which waits until it is joined to an instance.
    ///
    /// - Parameters:
    ///   - client: A TCP connection.
    ///   - loop: The calling thread's event loop.
    init(_ client: consuming OwnedDescriptor, on loop: EventLoop) {
        self.client = End(client)
        self.loop = loop
        // Fails where the client is gone already, which is seen when it is read.
        try? Socket.disableDelay(on: self.client.socket.rawValue)
    }

    /// Begins to pass bytes on, or begins again with another instance.
    ///
    /// - Parameters:
    ///   - socket: A connection to the instance.
    ///   - onBytes: Called when bytes have come from either.
    ///   - onEnd: Called when it is over, or may be joined to another instance.
    func join(
        _ socket: consuming OwnedDescriptor, onBytes: @escaping () -> Void,
        onEnd: @escaping (RelayedConnection, Outcome) -> Void
    ) {
        let instance = End(socket)
        instance.backlog = unanswered?[...] ?? []
        self.instance = instance
        self.onBytes = onBytes
        self.onEnd = onEnd
        watchBoth()
    }

    private func advance(_ end: End) {
        guard let instance else { return }
        let other = end === client ? instance : client
        if flush(end), !end.mayRead || !hasRoom(other) || pass(from: end, to: other) { watchBoth() }
    }

    /// Whether an end takes more, so that the other is worth reading.
    private func hasRoom(_ end: End) -> Bool {
        end.backlog.isEmpty && (end === client || (unanswered?.count ?? 0) < Self.chunk)
    }

    /// Sends what an end had no room for; `false` where that ended the connection.
    private func flush(_ end: End) -> Bool {
        guard !end.backlog.isEmpty else { return true }
        do {
            let count = try end.backlog.withUnsafeBytes {
                try Socket.send($0, to: end.socket.rawValue)
            }
            end.backlog.removeFirst(count)
            return true
        } catch {
            fail(end)
            return false
        }
    }

    /// Passes on what has come from an end; `false` where that ended the connection.
    private func pass(from end: End, to other: End) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: Self.chunk, alignment: 1) { buffer in
            let room = end === client ? Self.chunk - (unanswered?.count ?? 0) : Self.chunk
            do {
                let room = UnsafeMutableRawBufferPointer(rebasing: buffer[..<room])
                guard let count = try Socket.receive(from: end.socket.rawValue, into: room) else {
                    return true
                }
                guard count > 0 else { return didEnd(end, other) }
                other.backlog = ArraySlice(room[..<count])
            } catch {
                fail(end)
                return false
            }
            if end === client {
                unanswered?.append(contentsOf: other.backlog)
            } else {
                unanswered = nil
            }
            onBytes()
            return flush(other)
        }
    }

    private func didEnd(_ end: End, _ other: End) -> Bool {
        guard end === client || unanswered == nil else {
            fail(end)
            return false
        }
        end.mayRead = false
        Socket.endSending(on: other.socket.rawValue)
        return true
    }

    private func fail(_ end: End) {
        let isUnanswered = end !== client && unanswered != nil && client.mayRead
        close(isUnanswered ? .unanswered : .over)
    }

    private func watchBoth() {
        guard let instance else { return }
        let isOver = [client, instance].allSatisfy { !$0.mayRead && $0.backlog.isEmpty }
        guard !isOver else { return close(.over) }
        do {
            try watch(client, beside: instance)
            try watch(instance, beside: client)
        } catch {
            close(.over)
        }
    }

    private func watch(_ end: End, beside other: End) throws(SystemError) {
        var interest: Readiness = end.backlog.isEmpty ? [] : .writable
        if end.mayRead, hasRoom(other) { interest.insert(.readable) }
        if interest.isEmpty {
            // Not just nothing to wait for: a socket that has hung up would be reported again and again.
            end.watch?.cancel()
            end.watch = nil
        } else if let watch = end.watch {
            watch.update(interest)
        } else {
            end.watch = try loop.watch(end.socket.rawValue, for: interest) { _ in
                self.advance(end)
            }
        }
    }

    private func close(_ outcome: Outcome) {
        for end in [client, instance] {
            end?.watch?.cancel()
            end?.watch = nil
        }
        instance = nil
        onEnd(self, outcome)
    }
}
