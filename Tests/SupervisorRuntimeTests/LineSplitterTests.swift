import Testing

@testable import SupervisorRuntime

struct LineSplitterTests {
    @Test(
        arguments: [
            ("", [], nil),
            ("a\n", ["a"], nil),
            ("a\nb", ["a"], "b"),
            ("\n\n", ["", ""], nil),
            ("a\r\nb\r\n", ["a", "b"], nil),
            ("a\rb\n", ["a\rb"], nil),
            ("last\r", [], "last"),
            ("grün\n", ["grün"], nil),
        ] as [(String, [String], String?)])
    func cutsAtLineFeeds(text: String, lines: [String], rest: String?) {
        var splitter = LineSplitter()
        #expect(splitter.append(text.utf8).map(\.text) == lines)
        #expect(splitter.finish()?.text == rest)
        #expect(splitter.finish() == nil)
    }

    @Test(arguments: 1...7)
    func doesNotMindWhereTheBytesWereCut(size: Int) {
        let bytes = Array("one\r\nzwölf\n\n🚀 four\nrest".utf8)
        var splitter = LineSplitter()
        var lines: [String] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            lines += splitter.append(bytes[start..<min(start + size, bytes.count)]).map(\.text)
        }
        #expect(lines == ["one", "zwölf", "", "🚀 four"])
        #expect(splitter.finish()?.text == "rest")
    }

    @Test func replacesWhatIsNotUTF8() {
        var splitter = LineSplitter()
        #expect(splitter.append([0x61, 0xff, 0x62, 0x0a]).map(\.text) == ["a\u{fffd}b"])
    }

    @Test(arguments: ["x", "ä", "€", "🚀"])
    func cutsLongLinesBetweenCharacters(character: String) {
        let text = "y" + String(repeating: character, count: 40_000)
        var splitter = LineSplitter()
        let pieces = splitter.append((text + "\n").utf8)
        #expect(pieces.dropLast().allSatisfy { $0.isCut })
        #expect(pieces.last?.isCut == false)
        let lines = pieces.map(\.text)
        #expect(lines.joined() == text)
        #expect(lines.allSatisfy { $0.utf8.count <= LineSplitter.maximumLength })
        #expect(lines.dropLast().allSatisfy { $0.utf8.count > LineSplitter.maximumLength - 4 })
    }

    @Test func keepsALineOfTheGreatestLengthWhole() {
        let text = String(repeating: "x", count: LineSplitter.maximumLength)
        var splitter = LineSplitter()
        #expect(
            splitter.append("\(text)\r\n\(text)\n".utf8) == [.init(text: text), .init(text: text)])
    }

    @Test(arguments: [UInt8(ascii: "x"), UInt8(ascii: "\r"), 0x80, 0xff])
    func neverHoldsMoreThanALine(byte: UInt8) {
        var splitter = LineSplitter()
        let lines = splitter.append(repeatElement(byte, count: 100_000))
        #expect(lines.count >= 5)
    }
}

extension LineSplitter {
    fileprivate mutating func append(_ bytes: some Sequence<UInt8>) -> [Piece] {
        Array(bytes).withUnsafeBytes { append($0) }
    }
}
