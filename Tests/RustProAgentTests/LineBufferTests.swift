import Testing

@testable import RustProAgent

struct LineBufferTests {
    private func lines(
        _ pieces: [String], endsAtCarriageReturn: Bool = false, longest: Int = 100
    ) -> [String] {
        var buffer = LineBuffer(endsAtCarriageReturn: endsAtCarriageReturn)
        var lines: [String] = []
        for piece in pieces {
            buffer.append(Array(piece.utf8))
            while let line = buffer.next(longest: longest) {
                lines.append(String(decoding: line, as: UTF8.self))
            }
        }
        if let rest = buffer.rest() { lines.append(String(decoding: rest, as: UTF8.self)) }
        return lines
    }

    @Test func linesKeepTheirEndings() {
        #expect(lines(["a\nb", "c\n", "\nd"]) == ["a\n", "bc\n", "\n", "d"])
    }

    @Test func aCarriageReturnEndsALineWhereBarsAreDrawn() {
        #expect(
            lines(["1/2\r2/2\rdone\n"], endsAtCarriageReturn: true) == ["1/2\r", "2/2\r", "done\n"])
        #expect(lines(["1/2\r2/2\rdone\n"]) == ["1/2\r2/2\rdone\n"])
    }

    @Test func longLinesAreCutBetweenCharacters() {
        #expect(lines(["aéé€b\n"], longest: 4) == ["aé", "é", "€b", "\n"])
    }

    @Test func bytesThatAreNoTextAreCutAnywhere() {
        var buffer = LineBuffer(endsAtCarriageReturn: false)
        buffer.append(Array(repeating: 0x80, count: 10))
        #expect(buffer.next(longest: 4)?.count == 4)
        #expect(buffer.next(longest: 4)?.count == 4)
        #expect(buffer.next(longest: 4) == nil)
        #expect(buffer.rest()?.count == 2)
        #expect(buffer.rest() == nil)
    }
}
