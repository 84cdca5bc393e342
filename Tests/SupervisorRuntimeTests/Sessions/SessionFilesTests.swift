import AgentManifest
import FoundationEssentials
import Supervision
import Testing

@testable import SupervisorRuntime

struct SessionFilesTests {
    private let scratch: ScratchDirectory
    private let files: SessionFiles

    init() throws {
        scratch = try ScratchDirectory()
        files = SessionFiles(runtimeDirectory: scratch.path, stateDirectory: scratch.path)
    }

    private func table() throws -> SessionTable {
        var table = SessionTable()
        let id = try makeSessionID("s")
        _ = table.start(id, client: "op-chat", metadata: ["a": "b"], at: Instant(nanoseconds: 1))
        table.keep(["memory"], for: id)
        return table
    }

    @Test func whatIsSavedIsLoaded() throws {
        #expect(files.loadSessions() == nil)
        #expect(files.loadPrewarming() == nil)
        let table = try table()
        try files.save(table)
        #expect(files.loadSessions() == table)
        var policy = PrewarmPolicy()
        policy.learn(from: try #require(table.sessions.first))
        try files.save(policy)
        #expect(files.loadPrewarming() == policy)
    }

    @Test func sessionsOfAnotherBootAreForgotten() throws {
        try files.save(try table())
        let path = scratch.path + "/sessions.json"
        let saved = try String(contentsOfFile: path, encoding: .utf8)
        let bootID = try String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
            .prefix(36)
        #expect(saved.contains(bootID))
        try Data(saved.split(separator: bootID).joined(separator: "another").utf8)
            .write(to: URL(fileURLWithPath: path))
        #expect(files.loadSessions() == nil)
    }

    @Test func damagedFilesCountAsNone() throws {
        for name in ["sessions.json", "prewarm.json"] {
            try Data("{".utf8).write(to: URL(fileURLWithPath: scratch.path + "/" + name))
        }
        #expect(files.loadSessions() == nil)
        #expect(files.loadPrewarming() == nil)
    }

    @Test func aFileThatCannotBeWrittenIsAnError() throws {
        let nowhere = SessionFiles(
            runtimeDirectory: scratch.path + "/missing", stateDirectory: scratch.path)
        #expect(throws: (any Error).self) { try nowhere.save(try table()) }
    }
}
