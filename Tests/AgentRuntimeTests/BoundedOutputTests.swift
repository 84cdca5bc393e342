@testable import AgentRuntime
import Testing

struct BoundedOutputTests {
    private func bound(_ pieces: [String], limit: Int) throws -> BoundedOutput.Summary {
        var output = BoundedOutput(limit: limit, artifacts: nil)
        for piece in pieces { try output.append(Array(piece.utf8)) }
        return output.finish()
    }

    @Test(arguments: [[], ["0123456789"], ["01234", "56789"], Array(repeating: "x", count: 10)])
    func whatFitsStaysWhole(pieces: [String]) throws {
        let summary = try bound(pieces, limit: 10)
        #expect(summary.text == pieces.joined())
        #expect(!summary.isTruncated)
        #expect(summary.envelopeFields.isEmpty)
    }

    @Test(arguments: [1, 3, 7, 1000])
    func headAndTailStayAndTheMiddleGoes(pieceLength: Int) throws {
        let whole = (0..<100).map { String($0 % 10) }.joined()
        let pieces = stride(from: 0, to: 100, by: pieceLength).map { start in
            String(whole.dropFirst(start).prefix(pieceLength))
        }
        let summary = try bound(pieces, limit: 10)
        #expect(summary.text == "01234\n[90 bytes left out here]\n56789")
        #expect(summary.totalBytes == 100)
        #expect(summary.envelopeFields == ["truncated": true, "total_bytes": 100])
    }

    @Test
    func aCharacterThatTheCutGoesThroughIsLeftOut() throws {
        let summary = try bound([String(repeating: "ä", count: 20)], limit: 10)
        #expect(summary.text == "ää\n[30 bytes left out here]\nää")
        #expect(!summary.hasReplacements)
    }

    @Test
    func theWholeIsKept() throws {
        let directory = try TemporaryDirectory()
        let store = try ArtifactStore(directory: "\(directory.path)/artifacts")
        var output = BoundedOutput(limit: 10, artifacts: store)
        try output.append(Array("0123456789".utf8))
        #expect(try directory.names(in: "artifacts").isEmpty)
        try output.append(Array("abc".utf8))
        try output.append(Array("def".utf8))
        let summary = output.finish()
        let id = try #require(summary.artifactID)
        #expect(try store.read(id, offset: 0, limit: 99).bytes == Array("0123456789abcdef".utf8))
        #expect(summary.envelopeFields["artifact_id"] == .string(id))
    }

    @Test
    func anArtifactIsReadInRangesThatBreakBetweenCharacters() async throws {
        let directory = try TemporaryDirectory()
        let store = try ArtifactStore(directory: "\(directory.path)/artifacts")
        var writer = try store.create()
        try writer.append(Array("aäöü€".utf8))
        var text = ""
        var offset: Int64? = 0
        while let start = offset {
            let range = try store.read(writer.id, offset: start, limit: 4)
            let fields = ArtifactRange(
                id: writer.id, offset: start, bytes: range.bytes, of: range.totalBytes
            ).result.fields
            guard case .string(let content)? = fields["content"] else { break }
            #expect(fields["content_replaced"] == false)
            text += content
            offset = if case .int(let next)? = fields["next_offset"] { next } else { nil }
        }
        #expect(text == "aäöü€")
    }
}
