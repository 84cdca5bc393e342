import Glibc
import Testing

@testable import SupervisorRuntime

struct ProcessUsageTests {
    private static let line = """
        4121 (op agent) x) S 1 4121 4121 0 -1 4194560 900 0 0 0 250 50 0 0 20 0 5 0 8100 90000 3000 \
        18446744073709551615 1 1 0 0 0 0 0
        """

    @Test func memoryAndTimeAreReadFromTheirFields() {
        #expect(
            ProcessUsage.parse(Self.line, ticksPerSecond: 100, pageSize: 4096)
                == ProcessUsage(residentBytes: 3000 * 4096, cpuMicroseconds: 3_000_000))
    }

    @Test(arguments: ["", "4121 (x", "4121 (x) S 1 2"])
    func otherTextIsNoUsage(text: String) {
        #expect(ProcessUsage.parse(text, ticksPerSecond: 100, pageSize: 4096) == nil)
    }

    @Test func thisProcessTakesMemory() throws {
        #expect(try #require(ProcessUsage.read(of: getpid())).residentBytes > 1 << 20)
    }
}
