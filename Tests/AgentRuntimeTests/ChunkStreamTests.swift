import AgentAPI
import GRPCCore
import TestSupport
import Testing

@testable import AgentRuntime

@Suite(.timeLimit(.minutes(1)))
struct ChunkStreamTests {
    private let writer = CollectingWriter<Op_Agents_V1_ExecuteStreamResponse>()

    private var chunks: ChunkStream {
        ChunkStream(agentID: "test", writer: RPCWriter(wrapping: writer))
    }

    @Test
    func longOutputIsSplitBetweenCharacters() async throws {
        let text = "a" + String(repeating: "€", count: 50_000)
        try await chunks.write(Array(text.utf8), to: .stdout)
        let contents = writer.elements.map(\.content)
        #expect(contents.joined() == text)
        #expect(contents.count == 3)
        #expect(contents.allSatisfy { $0.utf8.count <= ChunkStream.maxContentBytes })
        #expect(Set(writer.elements.map(\.contentReplaced)) == [false])
    }

    @Test
    func bytesThatAreNotTextAreReplacedAndSaid() async throws {
        try await chunks.write([0x61, 0xff, 0x0a], to: .stderr)
        try await chunks.write([UInt8](repeating: 0x80, count: 70_000), to: .stderr)
        #expect(writer.elements[0].content == "a\u{FFFD}\n")
        #expect(Set(writer.elements.map(\.contentReplaced)) == [true])
    }

    @Test
    func writersAtOnceLeaveNoGap() async throws {
        let chunks = chunks
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<100 { group.addTask { try await chunks.write([0x61], to: .stdout) } }
            try await group.waitForAll()
        }
        #expect(writer.elements.map(\.sequence) == Array(0..<100))
    }
}
