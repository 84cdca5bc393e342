import Testing

@testable import HTTP2Transport

struct ByteQueueTests {
    /// Around the size from which on a message is kept apart, in orders that open and close the last array.
    private static let sizes: [[Int]] = [
        [0], [1, 2, 3], [4095, 4096, 4097], [5000, 1], [1, 5000, 1, 5000, 5000, 0, 1],
        [300_000, 10, 10, 300_000],
    ]

    private static func messages(_ sizes: [Int]) -> [[UInt8]] {
        sizes.enumerated().map { index, size in
            (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ index) }
        }
    }

    private static func wire(_ messages: [[UInt8]]) -> [UInt8] {
        messages.flatMap { message in
            [0] + withUnsafeBytes(of: UInt32(message.count).bigEndian, Array.init) + message
        }
    }

    private static func queue(
        _ messages: [[UInt8]], discardsTaken: Bool = true
    ) -> ByteQueue {
        var queue = ByteQueue()
        queue.discardsTaken = discardsTaken
        for message in messages { queue.appendMessage(message, isCompressed: false) }
        return queue
    }

    private static func drain(_ queue: inout ByteQueue, by piece: Int) -> [UInt8] {
        var output: [UInt8] = []
        while queue.count > 0 { queue.take(min(piece, queue.count), into: &output) }
        return output
    }

    @Test(arguments: sizes, [1000, 16_384, 1 << 20])
    func messagesComeOutInOrderHoweverTheyAreCut(sizes: [Int], piece: Int) {
        let messages = Self.messages(sizes)
        var queue = Self.queue(messages)
        #expect(queue.count == Self.wire(messages).count)
        #expect(Self.drain(&queue, by: piece) == Self.wire(messages))
    }

    @Test(arguments: sizes, [1, 4, 5, 6, 5000])
    func whatIsAppendedBetweenTakesFollows(sizes: [Int], piece: Int) {
        var queue = ByteQueue()
        var output: [UInt8] = []
        for message in Self.messages(sizes) {
            queue.appendMessage(message, isCompressed: false)
            queue.take(min(piece, queue.count), into: &output)
        }
        output += Self.drain(&queue, by: 10_000)
        #expect(output == Self.wire(Self.messages(sizes)))
    }

    @Test(arguments: sizes, [0, 3, 5000, 1 << 20])
    func everythingIsSentAgain(sizes: [Int], taken: Int) {
        let messages = Self.messages(sizes)
        var queue = Self.queue(messages, discardsTaken: false)
        var lost: [UInt8] = []
        queue.take(min(taken, queue.count), into: &lost)
        queue.rewind()
        queue.appendMessage([1, 2], isCompressed: true)
        #expect(Self.drain(&queue, by: 999) == Self.wire(messages) + [1, 0, 0, 0, 2, 1, 2])
    }

    @Test func countsWhatItHolds() {
        var queue = Self.queue(Self.messages([10, 5000]))
        var output: [UInt8] = []
        queue.take(20, into: &output)
        #expect(queue.count == 5000)
        #expect(queue.appendedCount == 5020)
    }
}
