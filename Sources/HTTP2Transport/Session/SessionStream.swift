/// One stream of a session: what arrives on it, and where what it sends comes from.
///
/// A session calls these on its loop's thread, in the order of the wire. What they decide to send is
/// submitted when the connection is flushed, not from inside them.
class SessionStream {
    /// The stream identifier (RFC 9113, section 5.1.1); 0 until it is opened.
    final var id: Int32 = 0

    /// A block of header fields begins.
    func receiveHeadersStart() {}

    /// One field of the block.
    ///
    /// - Returns: False where the block is too much: the stream is reset (ENHANCE_YOUR_CALM), and the rest of
    ///   it is passed over.
    func receiveHeader(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) -> Bool { true }

    /// The block is complete.
    ///
    /// - Parameter endsStream: Nothing follows.
    func receiveHeadersEnd(endsStream: Bool) {}

    /// Bytes of the body, whose flow-control credit is the stream's to return.
    func receiveData(_ bytes: UnsafeRawBufferPointer) {}

    /// The body is complete.
    func receiveDataEnd() {}

    /// The frame that ends this side of the stream is on its way.
    ///
    /// - Returns: A code where the rest of what the peer may still send is not wanted.
    func sentEnd() -> HTTP2ErrorCode? { nil }

    /// The stream is gone, for whatever reason; nothing is called after this.
    func closed(_ end: StreamEnd) {}

    /// Asks what of the body is sent next.
    ///
    /// - Parameter limit: Bytes that may be sent now.
    /// - Returns: At most so many.
    func nextBody(upTo limit: Int) -> BodyRead { .later }

    /// Asks for the bytes that ``nextBody(upTo:)`` has announced.
    ///
    /// - Parameters:
    ///   - count: How many.
    ///   - output: They are appended to it.
    func takeBody(_ count: Int, into output: inout [UInt8]) {}
}

/// How a stream came to its end.
enum StreamEnd: Sendable, Hashable {
    /// Both sides were done, or one reset it.
    case closed(HTTP2ErrorCode)
    /// The connection was lost.
    case connectionLost(reason: String)
}

/// What a stream has to send now.
enum BodyRead {
    /// So many bytes, and there is or will be more.
    case bytes(Int)
    /// So many bytes, which are the last, and the stream ends.
    case end(Int)
    /// So many bytes, which are the last; these fields end the stream.
    case trailers(Int, OutgoingHeaders)
    /// Nothing yet: the session asks again once it is told to resume.
    case later
}
