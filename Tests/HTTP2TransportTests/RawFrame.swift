@testable import HTTP2Transport

/// A frame as it is on the wire (RFC 9113, section 4.1), right or wrong.
struct RawFrame: Hashable {
    enum Kind: UInt8 {
        case data, headers, priority, reset, settings, pushPromise, ping, goAway, windowUpdate
        case continuation
    }

    static let endStream: UInt8 = 0x1
    static let acknowledgement: UInt8 = 0x1
    static let endHeaders: UInt8 = 0x4

    var kind: Kind
    var flags: UInt8 = 0
    var stream: UInt32 = 0
    var payload: [UInt8] = []

    var bytes: [UInt8] {
        Array(Self.bigEndian(UInt32(payload.count)).dropFirst()) + [kind.rawValue, flags]
            + Self.bigEndian(stream) + payload
    }

    /// The code of a RST_STREAM or GOAWAY.
    var errorCode: HTTP2ErrorCode? {
        switch kind {
        case .reset: HTTP2ErrorCode(rawValue: Self.number(payload[...]))
        case .goAway: HTTP2ErrorCode(rawValue: Self.number(payload.dropFirst(4)))
        default: nil
        }
    }

    /// What a GOAWAY says besides its code.
    var debugData: String { String(decoding: payload.dropFirst(8), as: UTF8.self) }

    /// Takes the frame that begins with the first byte.
    ///
    /// - Returns: Nil where it is not there as a whole.
    static func take(from bytes: inout [UInt8]) -> RawFrame? {
        guard bytes.count >= 9 else { return nil }
        let length = Int(number([0] + bytes[..<3]))
        guard bytes.count >= 9 + length, let kind = Kind(rawValue: bytes[3]) else { return nil }
        defer { bytes.removeFirst(9 + length) }
        return RawFrame(
            kind: kind, flags: bytes[4], stream: number(bytes[5..<9]) & 0x7fff_ffff,
            payload: Array(bytes[9..<9 + length]))
    }

    static func number(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    static func bigEndian(_ number: UInt32) -> [UInt8] {
        withUnsafeBytes(of: number.bigEndian, Array.init)
    }
}

extension RawFrame {
    /// What a client sends first.
    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + settings().bytes

    static func settings(_ entries: [(id: UInt16, value: UInt32)] = []) -> Self {
        Self(
            kind: .settings,
            payload: entries.flatMap { entry in
                Array(bigEndian(UInt32(entry.id)).dropFirst(2)) + bigEndian(entry.value)
            })
    }

    static let settingsAcknowledgement = Self(kind: .settings, flags: acknowledgement)

    static let ping = Self(kind: .ping, payload: [UInt8](repeating: 7, count: 8))

    static func reset(_ stream: UInt32, _ code: HTTP2ErrorCode = .cancel) -> Self {
        Self(kind: .reset, stream: stream, payload: bigEndian(code.rawValue))
    }

    static func windowUpdate(_ stream: UInt32 = 0, by increment: UInt32) -> Self {
        Self(kind: .windowUpdate, stream: stream, payload: bigEndian(increment))
    }

    static func goAway(
        _ code: HTTP2ErrorCode, last: UInt32 = 0, because reason: String = ""
    ) -> Self {
        Self(
            kind: .goAway,
            payload: bigEndian(last) + bigEndian(code.rawValue) + Array(reason.utf8))
    }

    static func data(_ stream: UInt32, _ bytes: [UInt8], endsStream: Bool = false) -> Self {
        Self(kind: .data, flags: endsStream ? endStream : 0, stream: stream, payload: bytes)
    }

    static func headers(
        _ stream: UInt32, _ fields: [(String, String)], endsStream: Bool = false
    ) -> Self {
        Self(
            kind: .headers, flags: endHeaders | (endsStream ? endStream : 0), stream: stream,
            payload: fields.flatMap(HPACK.literal))
    }

    /// A request that calls a method.
    static func request(
        _ stream: UInt32, method: String = "/test.Echo/Unary",
        adding fields: [(String, String)] = [],
        endsStream: Bool = false
    ) -> Self {
        headers(
            stream,
            [
                (":method", "POST"), (":scheme", "http"), (":path", method), (":authority", "test"),
                ("te", "trailers"), ("content-type", "application/grpc"),
            ] + fields, endsStream: endsStream)
    }
}

/// Header fields in the plainest encoding (RFC 7541).
enum HPACK {
    /// A field that enters no table and is not compressed (section 6.2.2).
    static func literal(_ name: String, _ value: String) -> [UInt8] {
        [0] + string(name) + string(value)
    }

    /// A field that enters the dynamic table, where 62 names the newest (section 6.2.1).
    static func indexed(_ name: String, _ value: String) -> [UInt8] {
        [0x40] + string(name) + string(value)
    }

    private static func string(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        guard bytes.count >= 127 else { return [UInt8(bytes.count)] + bytes }
        var rest = bytes.count - 127
        var length: [UInt8] = [127]
        while rest >= 128 {
            length.append(UInt8(rest % 128) | 128)
            rest /= 128
        }
        return length + [UInt8(rest)] + bytes
    }
}
