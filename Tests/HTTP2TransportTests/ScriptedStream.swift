@testable import HTTP2Transport

/// A stream of a session whose bytes a test writes itself, and reads itself.
final class ScriptedStream: SessionStream {
    /// What is sent.
    struct Script: Sendable {
        var headers: OutgoingHeaders
        var body: [UInt8] = []
        /// Ends a response; without it the body does.
        var trailers: OutgoingHeaders?

        /// Nothing follows the header fields.
        var isHeadersAlone: Bool { body.isEmpty && trailers == nil }
    }

    /// What came back.
    struct Answer: Sendable {
        /// Each block of header fields, in order.
        var headers: [[(name: String, value: String)]] = []
        var body: [UInt8] = []
        var end: StreamEnd?

        /// The values of a field, in whichever block.
        func values(_ name: String) -> [String] {
            headers.joined().filter { $0.name == name }.map(\.value)
        }

        /// Each message's flag and bytes.
        var messages: [(flag: UInt8, bytes: [UInt8])] {
            var messages: [(flag: UInt8, bytes: [UInt8])] = []
            var rest = body[...]
            while rest.count >= 5 {
                let count = rest.dropFirst().prefix(4).reduce(0) { $0 << 8 | Int($1) }
                messages.append((rest[rest.startIndex], Array(rest.dropFirst(5).prefix(count))))
                rest = rest.dropFirst(5 + count)
            }
            return messages
        }
    }

    var script: Script
    private var answer = Answer()
    private var sent = 0
    private let ended: (ScriptedStream, Answer) -> Void
    private let closed: (Answer) -> Void

    /// - Parameters:
    ///   - script: What is sent.
    ///   - ended: Called when the peer's side has ended.
    ///   - closed: Called when the stream is gone.
    init(
        _ script: Script, ended: @escaping (ScriptedStream, Answer) -> Void = { _, _ in },
        closed: @escaping (Answer) -> Void = { _ in }
    ) {
        self.script = script
        self.ended = ended
        self.closed = closed
    }

    override func receiveHeadersStart() { answer.headers.append([]) }

    override func receiveHeader(
        name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer
    ) -> Bool {
        answer.headers[answer.headers.count - 1].append(
            (String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self)))
        return true
    }

    override func receiveHeadersEnd(endsStream: Bool) {
        if endsStream { ended(self, answer) }
    }

    override func receiveData(_ bytes: UnsafeRawBufferPointer) { answer.body += bytes }

    override func receiveDataEnd() { ended(self, answer) }

    override func closed(_ end: StreamEnd) {
        answer.end = end
        closed(answer)
    }

    override func nextBody(upTo limit: Int) -> BodyRead {
        let count = min(limit, script.body.count - sent)
        guard sent + count == script.body.count else { return .bytes(count) }
        return script.trailers.map { .trailers(count, $0) } ?? .end(count)
    }

    override func takeBody(_ count: Int, into output: inout [UInt8]) {
        output += script.body[sent..<sent + count]
        sent += count
    }
}

extension ScriptedStream.Script {
    /// A request of the echo service as it should be, with more fields and any messages.
    static func request(
        _ fields: [(String, String)] = [], messages: [(flag: UInt8, bytes: [UInt8])] = []
    ) -> ScriptedStream.Script {
        Self(
            headers: OutgoingHeaders(
                [
                    (":method", "POST"), (":scheme", "http"), (":path", "/test.Echo/Unary"),
                    (":authority", "test"), ("content-type", "application/grpc"),
                    ("te", "trailers"),
                ] + fields),
            body: framed(messages))
    }

    /// A response as it should be, with more fields and any messages.
    static func response(
        _ fields: [(String, String)] = [], messages: [(flag: UInt8, bytes: [UInt8])] = [],
        trailers: [(String, String)] = [("grpc-status", "0")]
    ) -> ScriptedStream.Script {
        Self(
            headers: OutgoingHeaders(
                [(":status", "200"), ("content-type", "application/grpc")] + fields),
            body: framed(messages), trailers: OutgoingHeaders(trailers))
    }

    /// A response of one block of fields.
    static func trailersOnly(_ fields: [(String, String)]) -> Self {
        Self(
            headers: OutgoingHeaders(
                [(":status", "200"), ("content-type", "application/grpc")] + fields))
    }

    private static func framed(_ messages: [(flag: UInt8, bytes: [UInt8])]) -> [UInt8] {
        messages.flatMap { message in
            [message.flag] + withUnsafeBytes(of: UInt32(message.bytes.count).bigEndian, Array.init)
                + message.bytes
        }
    }
}

extension OutgoingHeaders {
    /// Header fields as a test writes them.
    init(_ fields: [(String, String)]) {
        self.init()
        for (name, value) in fields { add(name, value) }
    }
}
