import Testing

@testable import RustProAgent

struct GuardEventDecoderTests {
    private static let events: [GuardEvent] = [
        .output(.stdout, Array("a line\n".utf8)),
        .output(.stderr, []),
        .output(.stderr, [0xff, 0x00, 0x80]),
        .failed(operation: "start /usr/bin/cargo", code: 13),
        .outOfTime,
        .ended(.signalled(9)),
        .ended(.exited(101)),
        .ended(.exited(-1)),
    ]

    @Test(arguments: 1...9)
    func eventsSurviveBeingCutAnywhere(pieceLength: Int) {
        let bytes = Self.events.flatMap(\.encoded)
        var decoder = GuardEventDecoder()
        var decoded: [GuardEvent] = []
        for start in stride(from: 0, to: bytes.count, by: pieceLength) {
            decoder.append(bytes[start..<min(start + pieceLength, bytes.count)])
            while let event = decoder.next() { decoded.append(event) }
        }
        #expect(decoded == Self.events)
    }

    @Test func anUnfinishedEventIsNotSeen() {
        var decoder = GuardEventDecoder()
        decoder.append(GuardEvent.ended(.exited(0)).encoded.dropLast())
        #expect(decoder.next() == nil)
    }

    @Test func aSignalCountsFrom128() {
        #expect(ProgramEnd.signalled(15).exitCode == 143)
        #expect(ProgramEnd.exited(101).exitCode == 101)
    }
}
