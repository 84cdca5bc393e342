import LinuxIO
import Testing

@Suite(.timeLimit(.minutes(1)))
struct TimerFDTests {
    @Test func expiresAtItsDeadline() throws {
        let timer = try TimerFD()
        let deadline = MonotonicInstant.now + .milliseconds(2)
        try timer.arm(at: deadline)
        #expect(becomesReadable(timer.descriptor.rawValue))
        #expect(MonotonicInstant.now >= deadline)
    }

    @Test(arguments: [0, 1] as [UInt64])
    func deadlineThatHasPassedExpiresAtOnce(nanoseconds: UInt64) throws {
        let timer = try TimerFD()
        try timer.arm(at: MonotonicInstant(nanoseconds: nanoseconds))
        #expect(becomesReadable(timer.descriptor.rawValue))
    }

    @Test func armingAgainReplacesTheDeadline() throws {
        let timer = try TimerFD()
        try timer.arm(at: .now + .seconds(3600))
        try timer.arm(at: .now)
        #expect(becomesReadable(timer.descriptor.rawValue))
        try timer.arm(at: .now + .seconds(3600))
        #expect(!isReadable(timer.descriptor.rawValue))
    }

    @Test func isNotReadableAfterClear() throws {
        let timer = try TimerFD()
        try timer.arm(at: .now)
        #expect(becomesReadable(timer.descriptor.rawValue))
        timer.clear()
        #expect(!isReadable(timer.descriptor.rawValue))
    }

    @Test func lastInstantCanBeArmed() throws {
        let timer = try TimerFD()
        try timer.arm(at: MonotonicInstant(nanoseconds: .max))
        #expect(!isReadable(timer.descriptor.rawValue))
    }
}
