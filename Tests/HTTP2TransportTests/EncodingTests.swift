import GRPCCore
import Testing

@testable import HTTP2Transport

struct PercentEncodingTests {
    @Test(arguments: [
        ("", ""), ("plain text!", "plain text!"), ("100%", "100%25"), ("a\nb", "a%0Ab"),
        ("\t\u{7f}", "%09%7F"), ("ü☃", "%C3%BC%E2%98%83"),
    ])
    func textTravelsAsPrintableASCII(text: String, wire: String) {
        #expect(PercentEncoding.encode(text) == wire)
        #expect(decode(wire) == text)
    }

    @Test(arguments: [("100%", "100%"), ("%zz%41", "%zzA"), ("%4", "%4"), ("%c3%bc", "ü")])
    func whatCannotBeDecodedStays(wire: String, text: String) {
        #expect(decode(wire) == text)
    }

    private func decode(_ wire: String) -> String {
        Array(wire.utf8).withUnsafeBytes { PercentEncoding.decode($0) }
    }
}

struct TimeoutValueTests {
    @Test(arguments: [
        ("1H", Duration.seconds(3600)), ("2M", .seconds(120)), ("3S", .seconds(3)),
        ("4m", .milliseconds(4)), ("5u", .microseconds(5)), ("6n", .nanoseconds(6)),
        ("0S", .zero), ("99999999H", .seconds(99_999_999 * 3600)),
    ])
    func unitsAreUnderstood(wire: String, duration: Duration) {
        #expect(decode(wire) == duration)
    }

    @Test(arguments: ["", "S", "5", "5s", "-1S", "1.5S", "123456789S", "5 S"])
    func otherTextsAreNoTimeouts(wire: String) {
        #expect(decode(wire) == nil)
    }

    @Test(arguments: [
        (Duration.nanoseconds(1), "1n"), (.nanoseconds(99_999_999), "99999999n"),
        (.nanoseconds(100_000_001), "100001u"), (.milliseconds(300), "300000u"),
        (.seconds(30), "30000000u"), (.seconds(100), "100000m"), (.seconds(86_400), "86400000m"),
        (.seconds(100_000), "100000S"), (.seconds(100_000_000), "1666667M"),
        (.seconds(Int64.max), "99999999H"), (.zero, "1n"), (.seconds(-5), "1n"),
    ])
    func timeIsWrittenInTheFinestUnitThatHoldsIt(duration: Duration, wire: String) {
        #expect(TimeoutValue.encode(duration) == wire)
        var metadata: Metadata = ["grpc-timeout": "7S", "grpc-timeout": "8S"]
        metadata.callTimeout = duration
        #expect(Array(metadata[stringValues: "grpc-timeout"]) == [wire])
        #expect(metadata.callTimeout == decode(wire))
        metadata.callTimeout = nil
        #expect(metadata.isEmpty)
    }

    private func decode(_ wire: String) -> Duration? {
        Array(wire.utf8).withUnsafeBytes { TimeoutValue.decode($0) }
    }
}

struct Base64Tests {
    /// The vectors of RFC 4648, section 10, padded and not.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"), ("f", "Zg"), ("fooba", "Zm9vYmE"),
    ])
    func bytesAreRead(text: String, wire: String) {
        #expect(decode(wire) == Array(text.utf8))
    }

    @Test(arguments: ["Z", "Zg===", "Z*==", "Zm9vY", "Zm 9v"])
    func otherTextsAreRefused(wire: String) {
        #expect(decode(wire) == nil)
    }

    private func decode(_ wire: String) -> [UInt8]? {
        Array(wire.utf8).withUnsafeBytes { Base64.decode($0[...]) }
    }
}

struct MetadataRulesTests {
    @Test(arguments: ["key", "Key-1_x.y", "key-bin", "grpc-timeout", "grpc-previous-rpc-attempts"])
    func usualKeysTravel(key: String) throws {
        try MetadataRules.check(key: key, value: .string("value"))
    }

    @Test(arguments: [
        "", "ä", "a b", ":path", "te", "Content-Type", "grpc-status", "a:b", "content-length",
        "connection", "proxy-connection", "keep-alive", "Transfer-Encoding", "upgrade",
    ])
    func otherKeysAreRefused(key: String) {
        #expect(throws: RPCError.self) {
            try MetadataRules.check(key: key, value: .string("value"))
        }
    }

    @Test(arguments: ["ü", "a\nb", " a", "a ", "\u{7f}"])
    func valuesThatWouldChangeAreRefused(value: String) {
        #expect(throws: RPCError.self) {
            try MetadataRules.check(key: "key", value: .string(value))
        }
    }
}

struct ConnectionBackoffTests {
    @Test(arguments: [(1, 50), (2, 80), (3, 128), (4, 204), (9, 2000), (100, 2000)])
    func waitsGrowToTheMaximum(failures: Int, milliseconds: Int64) {
        let delay = ConnectionBackoff().delay(after: failures, random: 0)
        let (seconds, attoseconds) = delay.components
        #expect(seconds * 1000 + attoseconds / 1_000_000_000_000_000 == milliseconds)
    }

    @Test func jitterIsAPartOfTheWait() {
        let backoff = ConnectionBackoff(initial: .milliseconds(100), jitter: 0.2)
        #expect(backoff.delay(after: 1, random: 1) == .milliseconds(120))
        #expect(backoff.delay(after: 1, random: -1) == .milliseconds(80))
    }
}

struct IncomingHeadersTests {
    @Test func fieldsOfTheProtocolAreNoMetadata() {
        let headers = parse([
            (":method", "POST"), (":path", "/a.B/C"), (":scheme", "http"), (":authority", "x"),
            ("te", "trailers"), ("content-type", "application/grpc+proto"), ("grpc-timeout", "5S"),
            ("grpc-accept-encoding", "gzip"), ("user-agent", "test"), ("key", "value"),
        ])
        #expect(headers.path == "/a.B/C")
        #expect(headers.isPost)
        #expect(headers.isGRPC)
        #expect(headers.timeout == .seconds(5))
        #expect(Array(headers.metadata).map(\.key) == ["user-agent", "key"])
    }

    @Test(arguments: [["-5S", "1S"], ["1S", "-5S"], ["1S", "2S"], ["x"]])
    func timeoutThatIsMalformedOrThereTwiceIsBad(values: [String]) {
        let headers = parse(values.map { ("grpc-timeout", $0) })
        #expect(headers.hasBadTimeout)
    }

    @Test(
        arguments: [
            ("", [[]]), ("AQ", [[1]]), ("AQ==", [[1]]), ("AgM", [[2, 3]]),
            ("AQ==,,AgM=", [[1], [], [2, 3]]),
            ("/+8", [[0xff, 0xef]]),
        ] as [(String, [[UInt8]])])
    func binaryValuesAreReadPaddedOrNot(wire: String, values: [[UInt8]]) {
        let headers = parse([("k-bin", wire), ("k-bin", "AA")])
        #expect(Array(headers.metadata[binaryValues: "k-bin"]) == values + [[0]])
        #expect(headers.malformedKey == nil)
    }

    @Test(arguments: [
        ("k", "\u{fc}"), ("k", "a\tb"), ("k", "\u{7f}"), ("k-bin", "A"), ("k-bin", "A Q"),
    ])
    func valueThatIsNoMetadataIsLeftOut(key: String, value: String) {
        let headers = parse([(key, value), ("other", "")])
        #expect(headers.malformedKey == key)
        #expect(Array(headers.metadata).map(\.key) == ["other"])
    }

    @Test func fieldThatCanBeNoKeyIsSomebodyElses() {
        let headers = parse([("a!b", "x"), ("a~", "\u{fc}"), ("key", "value")])
        #expect(headers.malformedKey == nil)
        #expect(Array(headers.metadata).map(\.key) == ["key"])
    }

    @Test func joinedBinaryValuesAreTakenApart() {
        let headers = parse([("k-bin", "AQ,AgM=")])
        #expect(Array(headers.metadata[binaryValues: "k-bin"]) == [[1], [2, 3]])
        #expect(headers.malformedKey == nil)
        #expect(parse([("k-bin", "*")]).malformedKey == "k-bin")
    }

    @Test(arguments: [
        ("application/grpc", true), ("application/grpc+json", true), ("application/grpc;x=y", true),
        ("application/grpc-web", false), ("text/plain", false),
    ])
    func contentTypeDecides(contentType: String, isGRPC: Bool) {
        #expect(parse([("content-type", contentType)]).isGRPC == isGRPC)
    }

    private func parse(_ fields: [(String, String)]) -> IncomingHeaders {
        var headers = IncomingHeaders()
        for (name, value) in fields {
            Array(name.utf8).withUnsafeBytes { name in
                Array(value.utf8).withUnsafeBytes { headers.add(name: name, value: $0) }
            }
        }
        return headers
    }
}
