import AgentRuntime
import Foundation
import GRDB
import Synchronization
import Testing

@testable import MemoryAgent

struct MemoryDatabaseTests {
    let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private var path: String { directory.path + "/memory.db" }

    private func open() throws -> TestStore {
        try TestStore(directory: directory)
    }

    /// Replaces bytes of the closed database.
    private func damage(at offset: UInt64, count: Int) throws {
        let file = try #require(FileHandle(forUpdatingAtPath: path))
        try file.seek(toOffset: offset)
        try file.write(contentsOf: Data(repeating: 0xA5, count: count))
        try file.close()
    }

    /// The lock file as a killed owner leaves it.
    private func leaveLock() throws {
        try Data("1".utf8).write(to: URL(fileURLWithPath: directory.path + "/memory.lock"))
    }

    private func fill(_ count: Int) throws {
        let test = try open()
        for number in 0..<count {
            try test.remember("k\(number)", String(repeating: "word ", count: 100))
        }
        try test.store.indexWords()
        try test.store.close()
    }

    @Test func aSecondOwnerIsRefusedWithTheNameOfTheFirst() throws {
        let first = try open()
        let error = #expect(throws: OperationError.self) { _ = try open() }
        #expect(error?.code == .failedPrecondition)
        #expect(error?.message.contains("pid \(getpid()) (") == true)
        try first.remember("k")
        try first.store.close()
        #expect(try open().recall("k") != nil)
    }

    @Test func aFileThatIsNoDatabaseIsKeptAsideAndSaidOnce() throws {
        try fill(10)
        try damage(at: 0, count: 4_096)
        let damaged = try Data(contentsOf: URL(fileURLWithPath: path))
        let test = try open()
        let copy = try #require(test.store.database.damagedCopy)
        #expect(try Data(contentsOf: URL(fileURLWithPath: copy)) == damaged)
        try test.remember("new")
        try test.store.keepUp()
        let error = #expect(throws: OperationError.self) { _ = try test.recall("k1") }
        #expect(error?.code == .dataLoss)
        #expect(error?.message.contains(copy) == true)
        #expect(try test.recall("k1") == nil)
        #expect(try test.recall("new") != nil)
    }

    @Test func damageIsFoundAfterAnUncleanEnd() throws {
        try fill(500)
        let size = try Data(contentsOf: URL(fileURLWithPath: path)).count
        try damage(at: UInt64(size / 2), count: 20_000)
        try leaveLock()
        let test = try open()
        #expect(test.store.database.damagedCopy != nil)
        #expect(code { try test.store.list(ListQuery()) } == .dataLoss)
        #expect(try directory.names(beginning: "memory.damaged-").isEmpty == false)
    }

    @Test func damageFoundByACallIsDealtWithAtTheNextStart() throws {
        try fill(500)
        let size = try Data(contentsOf: URL(fileURLWithPath: path)).count
        try damage(at: 3 * 4_096, count: size - 3 * 4_096)
        let test = try open()
        #expect(test.store.database.damagedCopy == nil)
        #expect(code { try test.store.list(ListQuery()) } == .dataLoss)
        try? test.store.close()
        let next = try open()
        #expect(next.store.database.damagedCopy != nil)
    }

    @Test func aLargeDatabaseIsCheckedWhileItServes() throws {
        try fill(500)
        let size = try Data(contentsOf: URL(fileURLWithPath: path)).count
        try damage(at: 3 * 4_096, count: size - 3 * 4_096)
        try leaveLock()
        let large = try MemoryDatabase(
            directory: directory.path, durability: .normal, checkedAtStartBytes: 1_000)
        #expect(large.damagedCopy == nil)
        try large.write("write before the check") { _ in }
        #expect(code { try large.checkIntegrityIfDue() } == .dataLoss)
        #expect(code { try large.write("write") { _ in } } == .dataLoss)
        try? large.close()
        #expect(try open().store.database.damagedCopy != nil)
    }

    @Test func aSoundDatabaseGoesOnAfterItsCheck() throws {
        try fill(500)
        try leaveLock()
        let large = try MemoryDatabase(
            directory: directory.path, durability: .normal, checkedAtStartBytes: 1_000)
        try large.checkIntegrityIfDue()
        try large.write("write") { _ in }
        try large.close()
        #expect(try open().store.database.damagedCopy == nil)
    }

    @Test func damagedFilesAreNeverOverwritten() throws {
        for _ in 0..<3 {
            try Data(repeating: 0xA5, count: 8_192).write(to: URL(fileURLWithPath: path))
            try open().store.close()
        }
        #expect(try directory.names(beginning: "memory.damaged-").count == 3)
    }

    @Test(arguments: [true, false])
    func aDamagedWordIndexIsMadeAnew(isFoundByWrite: Bool) throws {
        try fill(50)
        let queue = try DatabaseQueue(path: path)
        try queue.write { db in
            try db.execute(sql: "UPDATE entry_words_data SET block = x'00' WHERE id > 10")
        }
        try queue.close()
        let test = try open()
        if isFoundByWrite { try test.remember("k0", "another word") }
        #expect(try test.keys(found: "word").count == 20)
        #expect(try test.keys(found: "another") == (isFoundByWrite ? ["k0"] : []))
    }

    @Test func aNewerDatabaseIsRefusedAndLeftAlone() throws {
        try fill(1)
        let queue = try DatabaseQueue(path: path)
        try queue.write { db in
            try db.execute(sql: "INSERT INTO grdb_migrations VALUES ('99: from the future')")
        }
        try queue.close()
        #expect(code { try open() } == .failedPrecondition)
        #expect(try directory.names(beginning: "memory.damaged-").isEmpty)
    }

    @Test func aMissingDirectoryIsAnError() {
        #expect(
            code { try MemoryStore(directory: directory.path + "/missing") } == .failedPrecondition)
    }

    @Test func aFullDiskExhaustsResourcesAndLosesNothing() throws {
        let test = try open()
        try test.remember("k", "kept")
        try test.store.database.write("limit the size") { db in
            try db.execute(sql: "PRAGMA max_page_count = 60")
        }
        let value = String(repeating: "x", count: 100_000)
        var refusal: OperationError.Code?
        var stored = 0
        while refusal == nil {
            refusal = code { try test.remember("large-\(stored)", value) }
            stored += refusal == nil ? 1 : 0
        }
        #expect(refusal == .resourceExhausted)
        #expect(try test.recall("k")?.value == "kept")
        #expect(try test.recall("large-\(stored)") == nil)
        #expect(try test.recall("large-\(stored - 1)")?.value == value)
        #expect(try test.forget("large-0"))
        try test.remember("large-again", value)
    }

    @Test(.timeLimit(.minutes(1)))
    func readersDoNotWaitForALongWrite() async throws {
        let test = try open()
        try test.remember("k", "before")
        let store = test.store
        let (started, hasStarted) = AsyncStream<Void>.makeStream()
        let mayEnd = DispatchSemaphore(value: 0)
        let end = Mutex(false)
        let writer = Thread {
            _ = try? store.database.writeAtLength("write at length") { db in
                try db.execute(sql: "UPDATE entries SET value = x'61'")
                hasStarted.yield()
                mayEnd.wait()
                end.withLock { $0 = true }
            }
            hasStarted.finish()
        }
        writer.start()
        var events = started.makeAsyncIterator()
        _ = await events.next()
        #expect(store.database.isInLongWrite)
        #expect(try test.recall("k")?.value == "before")
        #expect(try store.list(ListQuery()).keys == ["k"])
        #expect(end.withLock { $0 } == false)
        mayEnd.signal()
        #expect(await events.next() == nil)
        #expect(!store.database.isInLongWrite)
        #expect(try test.recall("k")?.value == "a")
    }
}
