import AgentRuntime
import Logging
import Testing

struct LogFormatTests {
    private func line(
        _ format: LogFormat, _ level: Logger.Level, _ message: String,
        _ fields: Logger.Metadata = [:]
    ) -> String {
        format.line(level: level, message: message, fields: fields, time: "12:00:00.000")
    }

    @Test(
        arguments: [
            (.trace, 7), (.debug, 7), (.info, 6), (.notice, 5), (.warning, 4), (.error, 3),
            (.critical, 2),
        ] as [(Logger.Level, Int)])
    func eachLevelHasItsPriority(level: Logger.Level, priority: Int) {
        #expect(line(.priorityPrefixed, level, "said") == "<\(priority)>said\n")
    }

    @Test
    func fieldsFollowInTheOrderOfTheirKeysQuotedWhereNeeded() {
        let text = line(
            .priorityPrefixed, .info, "said", ["b": "two words", "a": "1", "c": "q\"q", "d": ""])
        #expect(text == "<6>said a=1 b=\"two words\" c=\"q\\\"q\" d=\"\"\n")
    }

    @Test
    func anEventIsOneLineWhateverItSays() {
        let text = line(.priorityPrefixed, .info, "one\n<0>two\u{1B}[31m", ["k": "a\nb"])
        #expect(text == "<6>one\\n<0>two\\u{27}[31m k=a\\nb\n")
    }

    @Test
    func aTerminalGetsTimeAndLevel() {
        #expect(
            line(.terminal(color: false), .warning, "said", ["k": "v"])
                == "12:00:00.000 WARN  said k=v\n")
        #expect(line(.terminal(color: true), .warning, "said").contains("\u{1B}[33m"))
    }
}
