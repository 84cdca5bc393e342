import LinuxIO
import Testing

@testable import SupervisorRuntime

struct LineRateLimitTests {
    private func at(_ seconds: UInt64) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: 100_000_000_000 + seconds * 1_000_000_000)
    }

    @Test func countsWhatIsOverTheLimit() {
        var limit = LineRateLimit(maximum: 3, window: .seconds(10))
        let admitted = (0..<8).map { _ in limit.admits(at: at(0)) }
        #expect(admitted == [true, true, true, false, false, false, false, false])
        #expect(limit.omitted == 5)
        #expect(limit.takeReport() == "5 lines left out: more than 3 in 10 s")
        #expect(limit.takeReport() == nil)
    }

    @Test func admitsAgainInTheNextWindow() {
        var limit = LineRateLimit(maximum: 1, window: .seconds(10))
        let admitted = [0, 9, 10].map { limit.admits(at: at($0)) }
        #expect(admitted == [true, false, true])
        #expect(limit.omitted == 1)
        #expect(limit.remaining(at: at(19)) == .seconds(1))
    }
}
