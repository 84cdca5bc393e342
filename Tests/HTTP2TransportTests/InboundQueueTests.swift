import GRPCCore
import Testing

@testable import HTTP2Transport

struct InboundQueueTests {
    /// What a part is, and its debt, for comparison.
    private func describe(_ part: InboundPart, debt: Int) -> String {
        switch part {
        case .metadata(let metadata): "metadata \(metadata) \(debt)"
        case .message(let message): "message \(message) \(debt)"
        case .compressedMessage(let message): "compressed \(message) \(debt)"
        case .status(let status, _): "status \(status.code) \(debt)"
        }
    }

    private func message(_ number: Int) -> InboundPart {
        // Of every size around what is small.
        let length = number % 7 == 0 ? 600 : number % 5
        let bytes = [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: length)
        return number % 3 == 0 ? .compressedMessage(bytes) : .message(bytes)
    }

    @Test(arguments: [1, 1022, 1023, 1024, 1025, 8000])
    func partsComeOutInTheirOrder(count: Int) {
        var queue = InboundQueue()
        var expected: [String] = []
        func append(_ part: InboundPart, debt: Int) {
            queue.append(part, debt: debt)
            expected.append(describe(part, debt: debt))
        }
        append(.metadata(["key": "value"]), debt: 0)
        for number in 0..<count { append(message(number), debt: number % 1000) }
        append(.status(Status(code: .ok, message: ""), [:]), debt: 0)
        var found: [String] = []
        while let (part, debt) = queue.popFirst() { found.append(describe(part, debt: debt)) }
        #expect(found == expected)
        #expect(queue.isEmpty)
    }

    @Test func partsComeOutInTheirOrderWhileOthersArrive() {
        var queue = InboundQueue()
        var (first, next) = (0, 0)
        // A little more in than out, so that it passes through every length.
        for turn in 0..<4000 {
            for _ in 0..<(turn % 8) {
                queue.append(message(next), debt: next)
                next += 1
            }
            for _ in 0..<(turn % 7) {
                guard let (part, debt) = queue.popFirst() else { break }
                #expect(describe(part, debt: debt) == describe(message(first), debt: first))
                first += 1
            }
        }
        #expect(next > first)
    }
}
