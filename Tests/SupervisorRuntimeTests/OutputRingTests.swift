import Systemd
import Testing

@testable import SupervisorRuntime

@Suite(.timeLimit(.minutes(1)))
struct OutputRingTests {
    private let ring = OutputRing()

    private func line(_ text: String) -> OutputLine {
        OutputLine(
            sequence: 0, time: 0, stream: .standardOutput, pid: 1, priority: .info, text: text)
    }

    @Test func numbersLinesFromOne() {
        #expect(ring.append(line("a")).sequence == 1)
        #expect(ring.append(line("b")).sequence == 2)
        #expect(ring.lines().map(\.text) == ["a", "b"])
        #expect(ring.lines(after: 1).map(\.text) == ["b"])
        #expect(ring.lines(after: 2).isEmpty)
        #expect(ring.last(1).map(\.text) == ["b"])
    }

    @Test func showsOmittedLinesAsAGap() {
        ring.append(line("a"))
        ring.skip(40)
        #expect(ring.append(line("b")).sequence == 42)
    }

    @Test func keepsTheLastThousand() {
        for number in 1...2_500 { ring.append(line("\(number)")) }
        let lines = ring.lines()
        #expect(lines.count == OutputRing.capacity)
        #expect(lines.map(\.sequence) == Array(1_501...2_500))
        #expect(lines.map(\.text) == (1_501...2_500).map { "\($0)" })
    }

    @Test func keepsNoMoreBytesThanItsBound() {
        let long = String(repeating: "x", count: LineSplitter.maximumLength)
        for _ in 1...500 { ring.append(line(long)) }
        #expect(ring.lines().count == OutputRing.byteCapacity / LineSplitter.maximumLength)
        // And room for many short ones again, in order, once the long ones have gone.
        for number in 1...1_000 { ring.append(line("\(number)")) }
        #expect(ring.lines().map(\.text) == (1...1_000).map { "\($0)" })
    }

    @Test func aFollowerWaitsForTheNextLine() async throws {
        ring.append(line("before"))
        #expect(try await ring.nextLines(after: 0).map(\.text) == ["before"])
        async let next = ring.nextLines(after: 1)
        ring.append(line("after"))
        #expect(try await next.map(\.text) == ["after"])
    }

    @Test func everyFollowerSeesEveryLine() async throws {
        let ring = ring
        try await withThrowingTaskGroup(of: [String].self) { group in
            for _ in 1...8 {
                group.addTask {
                    var seen: [OutputLine] = []
                    while seen.count < 500 {
                        seen += try await ring.nextLines(after: seen.last?.sequence ?? 0)
                    }
                    return seen.map(\.text)
                }
            }
            for number in 1...500 { ring.append(line("\(number)")) }
            for try await seen in group { #expect(seen == (1...500).map { "\($0)" }) }
        }
    }

    @Test func aCancelledFollowerStopsWaiting() async {
        let ring = ring
        let follower = Task { try await ring.nextLines(after: 0) }
        follower.cancel()
        await #expect(throws: CancellationError.self) { try await follower.value }
    }
}
