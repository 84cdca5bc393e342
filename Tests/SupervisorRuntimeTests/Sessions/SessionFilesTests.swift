import AgentManifest
import FoundationEssentials
import Supervision
import Synchronization
import Testing

@testable import SupervisorRuntime

struct SessionFilesTests {
    private let scratch: ScratchDirectory
    private let files: SessionFiles

    init() throws {
        scratch = try ScratchDirectory()
        files = SessionFiles(runtimeDirectory: scratch.path, stateDirectory: scratch.path)
    }

    private func session(_ name: String = "s") throws -> Session {
        var table = SessionTable()
        let id = try makeSessionID(name)
        _ = table.start(id, client: "op-chat", metadata: ["a": "b"], at: Instant(nanoseconds: 1))
        table.keep(["memory"], for: id)
        return try #require(table[id])
    }

    /// Saves changes and returns how many could not be.
    private func save(_ changes: SessionChanges, in files: SessionFiles) -> Int {
        let failures = Mutex(0)
        let count = { @Sendable (_: any Error) in failures.withLock { $0 += 1 } }
        files.save(changes, failed: count)
        files.finish()
        return failures.withLock { $0 }
    }

    private func save(_ sessions: Session..., ended: [Supervision.SessionID] = []) {
        var changes = SessionChanges()
        changes.sessions = sessions
        changes.ended = ended
        #expect(save(changes, in: files) == 0)
    }

    @Test func whatIsSavedIsLoaded() throws {
        #expect(files.loadSessions().isEmpty)
        #expect(files.loadPrewarming() == nil)
        let session = try session()
        var changes = SessionChanges()
        var policy = PrewarmPolicy()
        policy.learn(from: session)
        changes.sessions = [session]
        changes.prewarming = policy
        #expect(save(changes, in: files) == 0)
        #expect(files.loadSessions() == [session])
        #expect(files.loadPrewarming() == policy)
    }

    @Test func everySessionHasAFileOfItsOwn() throws {
        let first = try session("..")
        let second = try session("chat:2")
        save(first)
        save(second)
        #expect(files.loadSessions().sorted { $0.id.rawValue < $1.id.rawValue } == [first, second])
        save(ended: [first.id])
        #expect(files.loadSessions() == [second])
        // One that ended and was started again stays.
        save(second, ended: [second.id, first.id])
        #expect(files.loadSessions() == [second])
        let names = try FileManager.default.contentsOfDirectory(atPath: scratch.path + "/sessions")
        #expect(names == ["chat:2.json"])
    }

    @Test func sessionsOfAnotherBootAreForgotten() throws {
        save(try session())
        let path = scratch.path + "/sessions/s.json"
        let saved = try String(contentsOfFile: path, encoding: .utf8)
        let bootID = try String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
            .prefix(36)
        #expect(saved.contains(bootID))
        try Data(saved.split(separator: bootID).joined(separator: "another").utf8)
            .write(to: URL(fileURLWithPath: path))
        #expect(files.loadSessions().isEmpty)
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func damagedFilesCountAsNone() throws {
        let session = try session("whole")
        save(session)
        for name in ["sessions/s.json", "prewarm.json"] {
            try Data("{".utf8).write(to: URL(fileURLWithPath: scratch.path + "/" + name))
        }
        #expect(files.loadSessions() == [session])
        #expect(files.loadPrewarming() == nil)
    }

    @Test func aFileThatCannotBeWrittenIsAnError() throws {
        let nowhere = SessionFiles(
            runtimeDirectory: scratch.path + "/missing", stateDirectory: scratch.path)
        var changes = SessionChanges()
        changes.sessions = [try session("a"), try session("b")]
        #expect(save(changes, in: nowhere) == 2)
    }
}
