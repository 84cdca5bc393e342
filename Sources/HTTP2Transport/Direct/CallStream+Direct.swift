extension CallStream {
    /// The next part, once there is one; nil at the end.
    @inline(__always)
    func nextPart() async throws -> InboundPart? {
        if let ready = try readyPart() { return ready }
        return try await next()
    }

    /// The message of a part, decompressed; nil where it is another part.
    func wholeMessage(_ part: InboundPart) throws -> [UInt8]? {
        switch part {
        case .message(let message): message
        case .compressedMessage(let message): try decompress(message)
        case .metadata, .status: nil
        }
    }
}
