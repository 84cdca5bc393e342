import AgentRuntime
import Testing

struct ArtifactStoreTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func store(quota: Int64 = 1000) throws -> ArtifactStore {
        try ArtifactStore(directory: "\(directory.path)/artifacts", quota: quota)
    }

    private func keep(_ count: Int, in store: ArtifactStore) throws -> String {
        var writer = try store.create()
        try writer.append([UInt8](repeating: 7, count: count))
        return writer.id
    }

    @Test
    func rangesAreReadBack() throws {
        let store = try store()
        var writer = try store.create()
        try writer.append(Array("hello ".utf8))
        try writer.append(Array("world".utf8))
        let id = writer.id
        for (offset, limit, text) in [
            (0, 100, "hello world"), (6, 3, "wor"), (11, 5, ""), (99, 5, ""),
        ] {
            let range = try store.read(id, offset: Int64(offset), limit: limit)
            #expect(String(decoding: range.bytes, as: UTF8.self) == text)
            #expect(range.totalBytes == 11)
        }
    }

    @Test
    func itSurvivesARestart() throws {
        let id = try keep(3, in: store())
        #expect(try store().read(id, offset: 0, limit: 9).bytes == [7, 7, 7])
    }

    @Test(arguments: [
        "", "nix", "../artifacts", "0000000000000000000000", "..%2f..%2fetc%2fpasswd",
        "/etc/passwd",
    ])
    func whatIsNoArtifactIsNotFound(id: String) throws {
        let store = try store()
        let error = #expect(throws: OperationError.self) {
            _ = try store.read(id, offset: 0, limit: 1)
        }
        #expect(error?.code == .notFound)
    }

    @Test
    func theOldestGoFirst() throws {
        let store = try store(quota: 1000)
        let ids = try (0..<4).map { _ in try keep(300, in: store) }
        #expect(throws: OperationError.self) { _ = try store.read(ids[0], offset: 0, limit: 1) }
        for id in ids.dropFirst() {
            #expect(try store.read(id, offset: 0, limit: 1).totalBytes == 300)
        }
    }

    @Test
    func oneThatIsBeingWrittenStays() throws {
        let store = try store(quota: 1000)
        var open = try store.create()
        try open.append([UInt8](repeating: 1, count: 400))
        for _ in 0..<5 { _ = try keep(300, in: store) }
        #expect(try store.read(open.id, offset: 0, limit: 1).totalBytes == 400)
    }

    @Test
    func oneTakesAtMostHalfOfTheQuota() throws {
        let store = try store(quota: 1000)
        var writer = try store.create()
        try writer.append([UInt8](repeating: 1, count: 499))
        let wasCut = writer.isCut
        try writer.append([2, 3])
        let isCut = writer.isCut
        #expect((wasCut, isCut) == (false, true))
        #expect(try store.read(writer.id, offset: 498, limit: 9).bytes == [1, 2])
    }

    @Test
    func nobodyElseReadsThem() throws {
        let id = try keep(1, in: store())
        #expect(try directory.mode(of: "artifacts") == 0o700)
        #expect(try directory.mode(of: "artifacts/\(id)") == 0o600)
    }
}
