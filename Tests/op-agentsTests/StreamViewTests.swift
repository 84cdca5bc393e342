import AgentAPI
import SwiftProtobuf
import Testing

@testable import AgentClient
@testable import op_agents

struct StreamViewTests {
    private func chunk(
        _ type: Op_Agents_V1_StreamType, _ text: String, json: String = "", success: Bool = true
    ) -> AgentChunk {
        AgentChunk(
            .with {
                $0.streamType = type
                $0.content = text
                $0.isFinal = type == .result
                $0.resultJson = json
                $0.success = success
                if type == .result { $0.exitCode = 101 }
            })
    }

    @Test func theStreamsStayApart() {
        var view = StreamView(progressWidth: nil, palette: .none)
        #expect(view.take(chunk(.stdout, "out\n")) == .init(output: "out\n"))
        #expect(view.take(chunk(.stderr, "err\n")) == .init(error: "err\n"))
        #expect(view.take(chunk(.progress, "1/2 serde")) == .init())
    }

    @Test func progressIsTakenBackBeforeTheNextLine() {
        var view = StreamView(progressWidth: 12, palette: .none)
        #expect(view.take(chunk(.progress, "1/2 serde")) == .init(error: "\r\u{1B}[K1/2 serde"))
        #expect(view.take(chunk(.stdout, "out\n")) == .init(output: "out\n", error: "\r\u{1B}[K"))
        #expect(view.take(chunk(.stderr, "err\n")) == .init(error: "err\n"))
    }

    @Test func progressStaysInOneLine() {
        var view = StreamView(progressWidth: 12, palette: .none)
        #expect(
            view.take(chunk(.progress, "10/20 serde_derive"))
                == .init(error: "\r\u{1B}[K10/20 serde"))
    }

    @Test(arguments: [
        (#"{"summary": "built in 3.2 s", "x": [1]}"#, true, "ok: built in 3.2 s\n"),
        (#"{"summary": "2 errors"}"#, false, "failed: 2 errors\n"),
        ("{}", false, "failed: exit code 101\n"),
    ])
    func theEndIsSummarised(json: String, success: Bool, expected: String) {
        var view = StreamView(progressWidth: nil, palette: .none)
        #expect(
            view.take(chunk(.result, "", json: json, success: success)) == .init(error: expected))
    }
}
