import Testing

@testable import LinuxIO

struct WatchTableTests {
    private let loop: EventLoop

    init() throws {
        loop = try EventLoop(name: "watch-table")
        loop.stop()
    }

    @Test func watchIsFoundByItsToken() {
        var table = WatchTable()
        let watches = (0..<3).map { makeWatch($0) }
        let tokens = watches.map { table.insert($0) }
        #expect(Set(tokens).count == 3)
        for (watch, token) in zip(watches, tokens) { #expect(table[token] === watch) }
    }

    @Test func staleTokenReachesNobody() {
        var table = WatchTable()
        let stale = table.insert(makeWatch(1))
        table.remove(stale)
        #expect(table[stale] == nil)

        let successor = makeWatch(2)
        let token = table.insert(successor)
        #expect(token & 0xffff_ffff == stale & 0xffff_ffff, "the slot is used again")
        #expect(token != stale)
        #expect(table[stale] == nil)
        #expect(table[token] === successor)
    }

    @Test func removingTwiceLeavesTheSuccessorAlone() {
        var table = WatchTable()
        let stale = table.insert(makeWatch(1))
        table.remove(stale)
        let successor = makeWatch(2)
        let token = table.insert(successor)
        table.remove(stale)
        #expect(table[token] === successor)
        #expect(table.insert(makeWatch(3)) != token)
    }

    private func makeWatch(_ descriptor: CInt) -> Watch {
        Watch(descriptor: descriptor, interest: .readable, loop: loop) { _ in }
    }
}
