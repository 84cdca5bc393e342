import Testing

@testable import HTTP2Transport

struct MessageDecoderTests {
    private static let wire: [UInt8] =
        [0, 0, 0, 0, 3, 1, 2, 3] + [0, 0, 0, 0, 0] + [0, 0, 0, 1, 0]
        + [UInt8](repeating: 9, count: 256)
    private static let messages: [[UInt8]] = [[1, 2, 3], [], [UInt8](repeating: 9, count: 256)]

    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 100, 1000])
    func cutsDoNotMatter(pieceSize: Int) throws {
        var decoder = MessageDecoder(maximumLength: 256)
        var decoded: [[UInt8]] = []
        var rest = Self.wire[...]
        while !rest.isEmpty {
            let piece = Array(rest.prefix(pieceSize))
            rest = rest.dropFirst(pieceSize)
            try piece.withUnsafeBytes { bytes in
                try decoder.decode(bytes) { message, _ in decoded.append(message) }
            }
            #expect(decoder.isInMessage || rest.isEmpty || decoded.count < 3)
        }
        #expect(decoded == Self.messages)
        #expect(!decoder.isInMessage)
    }

    @Test(arguments: [
        ([1, 0, 0, 0, 0], MessageDecoder.Failure.undeclaredCompression),
        ([2, 0, 0, 0, 0], .badFlag(2)),
        ([0, 0, 0, 1, 1], .tooLong(length: 257, limit: 256)),
        ([0, 255, 255, 255, 255], .tooLong(length: 4_294_967_295, limit: 256)),
    ])
    func badPrefixIsRefused(prefix: [UInt8], failure: MessageDecoder.Failure) {
        for cut in 1...prefix.count {
            var decoder = MessageDecoder(maximumLength: 256)
            #expect(throws: failure) {
                for piece in [prefix.prefix(cut), prefix.dropFirst(cut)] {
                    try Array(piece).withUnsafeBytes { try decoder.decode($0) { _, _ in } }
                }
            }
        }
    }

    @Test func compressedMessageIsToldFromOthersOnceItMayCome() throws {
        var decoder = MessageDecoder(maximumLength: 256)
        decoder.takesCompressed = true
        var decoded: [Bool] = []
        try [UInt8]([1, 0, 0, 0, 1, 9, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]).withUnsafeBytes { bytes in
            try decoder.decode(bytes) { decoded.append($1) }
        }
        #expect(decoded == [true, false, true])
    }

    @Test func unfinishedMessageIsSeen() throws {
        var decoder = MessageDecoder(maximumLength: 256)
        try [UInt8]([0, 0]).withUnsafeBytes { try decoder.decode($0) { _, _ in } }
        #expect(decoder.isInMessage)
        try [UInt8]([0, 0, 2, 7]).withUnsafeBytes { try decoder.decode($0) { _, _ in } }
        #expect(decoder.isInMessage)
        try [UInt8]([8]).withUnsafeBytes { try decoder.decode($0) { _, _ in } }
        #expect(!decoder.isInMessage)
    }
}
