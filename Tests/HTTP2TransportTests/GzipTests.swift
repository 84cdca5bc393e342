import Testing

@testable import HTTP2Transport

struct GzipTests {
    /// "hello, gzip" as Python's gzip module writes it.
    private static let foreign: [UInt8] = [
        0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xcb, 0x48, 0xcd, 0xc9, 0xc9,
        0xd7, 0x51, 0x48, 0xaf, 0xca, 0x2c, 0x00, 0x00, 0x4a, 0x9b, 0xb1, 0x5c, 0x0b, 0x00, 0x00,
        0x00,
    ]

    @Test(arguments: [1024, 5000, 32 << 10, (32 << 10) + 1, 1 << 20])
    func messageThatGetsSmallerComesBack(size: Int) throws {
        let message = (0..<size).map { UInt8(truncatingIfNeeded: $0 / 7) }
        let compressed = try #require(Gzip.compress(message))
        #expect(compressed.count < message.count)
        // To the byte up to the limit.
        #expect(try Gzip.decompress(compressed, limit: size) == message)
        #expect(throws: Gzip.Failure.tooLong(limit: size - 1)) {
            try Gzip.decompress(compressed, limit: size - 1)
        }
    }

    @Test func whatOthersCompressIsRead() throws {
        #expect(try Gzip.decompress(Self.foreign, limit: 100) == Array("hello, gzip".utf8))
    }

    @Test func shortMessageAndOneThatGetsNoSmallerStayAsTheyAre() {
        #expect(Gzip.compress([]) == nil)
        #expect(Gzip.compress([UInt8](repeating: 0, count: 1023)) == nil)
        var random = SystemRandomNumberGenerator()
        #expect(Gzip.compress((0..<5000).map { _ in .random(in: 0...255, using: &random) }) == nil)
    }

    @Test func everyOtherLengthIsMalformed() {
        for length in 0..<Self.foreign.count {
            #expect(throws: Gzip.Failure.malformed) {
                try Gzip.decompress(Array(Self.foreign.prefix(length)), limit: 100)
            }
        }
        for rest: [UInt8] in [[0], [UInt8](repeating: 0, count: 100), Self.foreign] {
            #expect(throws: Gzip.Failure.malformed) {
                try Gzip.decompress(Self.foreign + rest, limit: 100)
            }
        }
    }

    @Test(arguments: Array(10..<31))
    func damageIsSeen(position: Int) {
        var damaged = Self.foreign
        damaged[position] ^= 0xff
        #expect(throws: Gzip.Failure.self) { try Gzip.decompress(damaged, limit: 100) }
    }

    @Test func otherFormatsOfZlibAreMalformed() {
        // RFC 1950, which gRPC calls "deflate": the same text.
        let deflate: [UInt8] = [
            0x78, 0x9c, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0xd7, 0x51, 0x48, 0xaf, 0xca, 0x2c, 0x00,
            0x00, 0x18, 0x9e, 0x04, 0x1b,
        ]
        #expect(throws: Gzip.Failure.malformed) { try Gzip.decompress(deflate, limit: 100) }
    }

    @Test func bombGoesNoFurtherThanTheLimit() throws {
        let bomb = try #require(Gzip.compress([UInt8](repeating: 0, count: 64 << 20)))
        #expect(bomb.count < 1 << 16)
        #expect(throws: Gzip.Failure.tooLong(limit: 1 << 20)) {
            try Gzip.decompress(bomb, limit: 1 << 20)
        }
    }
}
