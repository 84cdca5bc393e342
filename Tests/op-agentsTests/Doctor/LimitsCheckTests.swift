import Testing

@testable import op_agents

struct LimitsCheckTests {
    private static let table = """
        Limit                     Soft Limit           Hard Limit           Units
        Max processes             7823                 7823                 processes
        Max open files            1024                 4096                 files
        """

    @Test func theHardLimitIsRead() {
        #expect(LimitsCheck.hardOpenFiles(Self.table) == 4096)
        #expect(LimitsCheck.hardOpenFiles("Max open files  1024  unlimited  files") == .max)
        #expect(LimitsCheck.hardOpenFiles("") == nil)
    }

    @Test func anAgentThatWantsMoreIsNamed() throws {
        let check = LimitsCheck(openFiles: 4096, wanted: ["memory": 4096, "rust_pro": 16_384])
        let findings = check.findings()
        #expect(findings.map(\.verdict) == [.error])
        #expect(try #require(findings.first?.message).contains("rust_pro"))
        #expect(
            LimitsCheck(openFiles: 4096, wanted: ["memory": 4096]).findings().first?.verdict == .ok)
        #expect(LimitsCheck(openFiles: nil, wanted: [:]).findings().first?.verdict == .ok)
    }
}
