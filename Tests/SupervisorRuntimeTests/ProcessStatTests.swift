import Glibc
import Testing

@testable import SupervisorRuntime

struct ProcessStatTests {
    @Test func readsOurOwn() throws {
        let own = try #require(ProcessStat(pid: getpid()))
        #expect(own.group == getpgrp())
        #expect(own.isRunning)
        #expect(ProcessStat(pid: getpid())?.startTime == own.startTime)
        #expect(try #require(ProcessStat(pid: 1)).startTime < own.startTime)
    }

    @Test func isNilWhereThereIsNoProcess() {
        #expect(ProcessStat(pid: .max) == nil)
    }

    @Test(
        arguments: [
            ("7 (sleep) S 1 42 7 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 9001 5 6", "S", 42, 9001),
            ("7 (a) Z (b) Z 1 42 7 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 9001 5 6", "Z", 42, 9001),
        ] as [(String, Character, pid_t, UInt64)])
    func doesNotMindTheProgramsName(
        line: String, state: Character, group: pid_t, startTime: UInt64
    ) throws {
        let stat = try #require(ProcessStat(line: line))
        #expect(stat.state == state)
        #expect(stat.group == group)
        #expect(stat.startTime == startTime)
        #expect(stat.isRunning == (state != "Z"))
    }

    @Test(arguments: ["", "7 (sleep", "7 (sleep) S 1 42", "7 sleep S"])
    func isNilForWhatIsNoSuchLine(line: String) {
        #expect(ProcessStat(line: line) == nil)
    }
}
