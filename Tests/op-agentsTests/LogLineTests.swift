import AgentAPI
import SwiftProtobuf
import Testing

@testable import op_agents

struct LogLineTests {
    private func texts(_ sequence: UInt64, after previous: UInt64) -> [String] {
        LogLine.texts(
            .with {
                $0.sequence = sequence
                $0.line = "hello"
            }, after: previous, .none)
    }

    @Test(arguments: [(1, 0), (500, 0), (5, 4)] as [(UInt64, UInt64)])
    func aLineHasItsTime(sequence: UInt64, previous: UInt64) {
        let texts = texts(sequence, after: previous)
        #expect(texts.count == 1)
        #expect(texts[0].hasSuffix("  hello"))
    }

    @Test func aLineThatWasCutSaysSo() {
        let line = Op_Supervisor_V1_LogsResponse.with {
            $0.line = "hello"
            $0.isCut = true
        }
        #expect(LogLine.texts(line, after: 0, .none)[0].hasSuffix("  hello [cut, goes on]"))
    }

    @Test func missingLinesAreCounted() {
        #expect(texts(8, after: 4).first == "... 3 lines left out by the rate limit")
    }
}
