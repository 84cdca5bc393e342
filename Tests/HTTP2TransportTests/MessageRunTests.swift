import Testing

@testable import HTTP2Transport

struct MessageRunTests {
    private typealias Entry = MessageRun.Entry

    @Test func messagesComeOutAsTheyWentIn() {
        let entries = [
            Entry(message: [], isCompressed: false, debt: 5),
            Entry(message: [1], isCompressed: true, debt: 0),
            Entry(message: [UInt8](repeating: 7, count: 512), isCompressed: false, debt: 517),
            Entry(message: [2, 3], isCompressed: false, debt: 65_535),
        ]
        var run = MessageRun()
        for entry in entries {
            let isIn = run.append(entry)
            #expect(isIn)
        }
        var found: [Entry] = []
        while let entry = run.popFirst() { found.append(entry) }
        #expect(found == entries)
        #expect(run.isEmpty)
    }

    @Test(arguments: [(513, 0), (0, 65_536), (0, -1)])
    func messageThatIsNotSmallIsRefused(length: Int, debt: Int) {
        var run = MessageRun()
        let message = [UInt8](repeating: 0, count: length)
        let isIn = run.append(Entry(message: message, isCompressed: false, debt: debt))
        #expect(!isIn)
        #expect(run.isEmpty)
    }

    @Test func fullRunRefusesMore() {
        var run = MessageRun()
        let entry = Entry(message: [UInt8](repeating: 0, count: 95), isCompressed: false, debt: 100)
        var count = 0
        while run.append(entry) { count += 1 }
        #expect(count == MessageRun.capacity / 100)
        // Once it has given back everything it has room again.
        while run.popFirst() != nil {}
        let isIn = run.append(entry)
        #expect(isIn)
    }
}
