/// Reads a guard's events out of the bytes that come from it, cut anywhere.
struct GuardEventDecoder {
    private static let headerLength = 5

    private var buffer: [UInt8] = []
    private var start = 0

    /// Takes the next bytes.
    mutating func append(_ bytes: some Sequence<UInt8>) {
        buffer.removeFirst(start)
        start = 0
        buffer.append(contentsOf: bytes)
    }

    /// The next complete event; nil until more bytes have come, or where they are no events.
    mutating func next() -> GuardEvent? {
        guard
            let payload = int32(at: start + 1).map(Int.init), payload >= 0,
            buffer.count - start >= Self.headerLength + payload
        else { return nil }
        let kind = GuardEventKind(rawValue: buffer[start])
        let begin = start + Self.headerLength
        let bytes = Array(buffer[begin..<begin + payload])
        start = begin + payload
        switch kind {
        case .stdout: return .output(.stdout, bytes)
        case .stderr: return .output(.stderr, bytes)
        case .outOfTime: return .outOfTime
        case .exited: return int32(at: begin).map { .ended(.exited($0)) }
        case .signalled: return int32(at: begin).map { .ended(.signalled($0)) }
        case .failed:
            let operation = String(decoding: bytes.dropFirst(4), as: UTF8.self)
            return int32(at: begin).map { .failed(operation: operation, code: $0) }
        case nil: return nil
        }
    }

    private func int32(at index: Int) -> Int32? {
        guard buffer.count >= index + 4 else { return nil }
        return (0..<4).reduce(0) { $0 | Int32(bitPattern: UInt32(buffer[index + $1]) << (8 * $1)) }
    }
}
