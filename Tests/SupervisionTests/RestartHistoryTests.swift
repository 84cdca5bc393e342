import Testing

@testable import Supervision

struct RestartHistoryTests {
    private let policy = RestartPolicy()

    private func decisions(
        _ history: inout RestartHistory, failingAt seconds: [Double]
    ) -> [RestartHistory.Decision] {
        seconds.map { second in
            history.noteFailure(
                at: Instant(nanoseconds: Int64(second * 1e9)), policy: policy, jitter: 0)
        }
    }

    @Test func theSixthFailureWithinAMinuteIsACrashLoop() {
        var history = RestartHistory()
        let expected: [RestartHistory.Decision] = [
            .after(.milliseconds(100)), .after(.milliseconds(200)), .after(.milliseconds(400)),
            .after(.milliseconds(800)), .after(.milliseconds(1_600)),
            .degraded(after: .seconds(30)),
        ]
        #expect(decisions(&history, failingAt: [1, 2, 3, 4, 5, 6]) == expected)
        #expect(history.isCrashLoop)
    }

    @Test func failuresThatAreFarApartAreNoCrashLoop() {
        var history = RestartHistory()
        let last = decisions(&history, failingAt: [0, 12, 24, 36, 48, 60, 72, 84]).last
        #expect(last == .after(.milliseconds(12_800)))
        #expect(!history.isCrashLoop)
    }

    @Test func aCrashLoopLastsUntilTheAgentServesForLong() {
        var history = RestartHistory()
        _ = decisions(&history, failingAt: [1, 2, 3, 4, 5, 6])
        #expect(decisions(&history, failingAt: [300]) == [.degraded(after: .seconds(30))])
        history.noteSteady()
        #expect(!history.isCrashLoop)
        #expect(
            decisions(&history, failingAt: [400, 401])
                == [.immediately, .after(.milliseconds(100))])
    }

    @Test func theFirstFailureOfAllIsNotRetriedAtOnce() {
        var history = RestartHistory()
        #expect(decisions(&history, failingAt: [0]) == [.after(.milliseconds(100))])
    }
}
