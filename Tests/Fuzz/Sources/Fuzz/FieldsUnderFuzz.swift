internal import GRPCCore

@testable internal import HTTP2Transport

/// What is read of header fields can be written and read again, and comes out the same.
enum FieldsUnderFuzz {
    /// Lines of a name, a colon and a value are a block of header fields; the whole is also a value by itself.
    static func run(_ input: UnsafeRawBufferPointer) {
        readFields(input)
        readValue(input)
        compress(Array(input))
    }

    private static func readFields(_ input: UnsafeRawBufferPointer) {
        var headers = IncomingHeaders()
        for line in input.split(separator: UInt8(ascii: "\n")) {
            // The first byte is the name's, as that of pseudo-headers is a colon.
            guard let colon = line.dropFirst().firstIndex(of: UInt8(ascii: ":")),
                // nghttp2 refuses capitals (RFC 9113, section 8.2.1).
                !line[..<colon].contains(where: (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains)
            else { continue }
            headers.add(
                name: UnsafeRawBufferPointer(rebasing: line[..<colon]),
                value: UnsafeRawBufferPointer(rebasing: line[line.index(after: colon)...]))
        }
        let descriptor = MethodDescriptor(fullyQualifiedService: "test.Fuzz", method: "Fields")
        do {
            let sent = try OutgoingHeaders.request(
                descriptor, authority: "test", metadata: headers.metadata)
            var again = IncomingHeaders()
            for var field in sent.pairs where !field.name.isEmpty {
                field.name.withUTF8 { name in
                    field.value.withUTF8 { value in
                        again.add(
                            name: UnsafeRawBufferPointer(name),
                            value: UnsafeRawBufferPointer(value))
                    }
                }
            }
            again.metadata.removeAllValues(forKey: "user-agent")
            var expected = headers.metadata
            expected.removeAllValues(forKey: "user-agent")
            precondition(
                again.metadata == expected && again.malformedKey == nil,
                "\(expected) became \(again.metadata)")
        } catch {
            // A key that is the protocol's own may be received, and is not sent on.
        }
    }

    private static func readValue(_ input: UnsafeRawBufferPointer) {
        if let bytes = Base64.decode(input[...]) {
            var text = Metadata.Value.binary(bytes).encoded()
            let again = text.withUTF8 { Base64.decode(UnsafeRawBufferPointer($0)[...]) }
            precondition(again == bytes, "\(bytes) became \(String(describing: again))")
        }

        var message = PercentEncoding.encode(PercentEncoding.decode(input))
        let decoded = message.withUTF8 { PercentEncoding.decode(UnsafeRawBufferPointer($0)) }
        precondition(
            decoded == PercentEncoding.decode(input), "\(message) became \(decoded)")

        if let timeout = TimeoutValue.decode(input) {
            var text = TimeoutValue.encode(timeout)
            let again = text.withUTF8 { TimeoutValue.decode(UnsafeRawBufferPointer($0)) }
            precondition(
                again.map { $0 >= timeout } == true,
                "\(timeout) became \(String(describing: again)), which is less")
        }
    }

    private static func compress(_ bytes: [UInt8]) {
        let limit = 1 << 16
        if let message = try? Gzip.decompress(bytes, limit: limit) {
            precondition(message.count <= limit)
        }
        // What is short is not compressed at all.
        let message =
            [UInt8](
                repeating: 0, count: Gzip.minimumMessageSize) + bytes
        if let compressed = Gzip.compress(message) {
            let again = try? Gzip.decompress(compressed, limit: message.count)
            precondition(again == message, "gzip lost \(bytes)")
        }
    }
}
