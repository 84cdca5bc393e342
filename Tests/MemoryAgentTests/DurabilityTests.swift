import AgentRuntime
import GRDB
import Testing

@testable import MemoryAgent

struct DurabilityTests {
    @Test(arguments: [
        (nil, Durability.normal), ("", .normal), ("normal", .normal), ("full", .full),
        ("FULL", .full),
    ])
    func settingsAreRead(setting: String?, durability: Durability) throws {
        #expect(try Durability(setting: setting) == durability)
    }

    @Test func anUnknownSettingIsRefused() {
        #expect(code { try Durability(setting: "fast") } == .failedPrecondition)
    }

    @Test(arguments: [(Durability.normal, 1), (.full, 2)])
    func sqliteIsToldToWaitForTheDisk(durability: Durability, synchronous: Int) throws {
        let directory = try TemporaryDirectory()
        let store = try MemoryStore(directory: directory.path, durability: durability)
        let setting = try store.database.write("read a setting") { db in
            try Int.fetchOne(db, sql: "PRAGMA synchronous")
        }
        #expect(setting == synchronous)
    }
}
