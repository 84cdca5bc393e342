import GRPCCore
import Testing

@testable import HTTP2Transport

@Suite(.timeLimit(.minutes(1)))
struct InboundPipeTests {
    @Test func creditIsReturnedInQuartersOfTheWindow() async throws {
        let pipe = InboundPipe(streamWindow: 400)
        for _ in 0..<3 { #expect(pipe.put(.message([]), debt: 60) == 0) }
        pipe.finish(.success(()))
        let credits = try await [pipe.next(), pipe.next(), pipe.next()].map(\.credit)
        #expect(credits == [0, 120, 0])
        let end = try await pipe.next()
        #expect(end.part == nil)
    }

    @Test func creditThatWasHeldIsReleasedOnceTheReaderHasCaughtUp() async throws {
        let pipe = InboundPipe(streamWindow: 400)
        #expect(pipe.isDrained())
        _ = pipe.put(.message([]), debt: 1)
        #expect(!pipe.isDrained())
        let taken = try await pipe.next()
        #expect(taken.releasesHold)
        #expect(pipe.isDrained())
    }

    @Test func failureComesAfterWhatArrivedBefore() async throws {
        let pipe = InboundPipe(streamWindow: 400)
        _ = pipe.put(.message([1]), debt: 0)
        pipe.finish(.failure(RPCError(code: .unavailable, message: "gone")))
        pipe.finish(.success(()))
        guard case .message([1]) = try await pipe.next().part else {
            Issue.record("the message is lost")
            return
        }
        await #expect(throws: RPCError.self) { try await pipe.next() }
    }

    @Test func cancelledReaderStopsWaiting() async throws {
        let pipe = InboundPipe(streamWindow: 400)
        let reader = Task { try await pipe.next().part == nil }
        reader.cancel()
        await #expect(throws: RPCError.self) { try await reader.value }
    }
}

@Suite(.timeLimit(.minutes(1)))
struct OutboundPipeTests {
    private func read(_ pipe: OutboundPipe, capacity: Int) -> (bytes: [UInt8], ends: Bool) {
        var bytes: [UInt8] = []
        switch pipe.next(upTo: capacity) {
        case .bytes(let count):
            pipe.take(count, into: &bytes)
            return (bytes, false)
        case .end(let count), .trailers(let count, _):
            pipe.take(count, into: &bytes)
            return (bytes, true)
        case .later: return ([], false)
        }
    }

    @Test func messagesComeFramedAndTheEndWithTheLastByte() throws {
        let pipe = OutboundPipe()
        #expect(try pipe.putHead(.withBody(OutgoingHeaders())).needsFlush)
        // One flush is asked for until it was answered.
        #expect(try !pipe.put(message: [7, 8]).needsFlush)
        _ = try pipe.finish { _ in (nil, .plain) }
        #expect(read(pipe, capacity: 5) == ([0, 0, 0, 0, 2], false))
        #expect(read(pipe, capacity: 100) == ([7, 8], true))
    }

    @Test func unaryRequestWaitsForItsEnd() throws {
        let pipe = OutboundPipe(waitsForEnd: true)
        #expect(try !pipe.putHead(.withBody(OutgoingHeaders())).needsFlush)
        #expect(try !pipe.put(message: [1]).needsFlush)
        #expect(try pipe.finish { _ in (nil, .plain) }.needsFlush)
        guard case .begin = pipe.submission() else {
            Issue.record("nothing is submitted")
            return
        }
    }

    @Test func writerThatIsFarAheadWaitsForRoom() async throws {
        let pipe = OutboundPipe()
        _ = try pipe.putHead(.withBody(OutgoingHeaders()))
        #expect(try pipe.put(message: [UInt8](repeating: 0, count: 200_000)).mustWait)
        let writer = Task { try await pipe.waitForRoom() }
        _ = read(pipe, capacity: 100_000)
        _ = read(pipe, capacity: 100_000)
        try await writer.value
    }

    @Test func requestIsSentAgainFromItsBeginning() throws {
        let pipe = OutboundPipe(keepsForReplay: true)
        _ = try pipe.putHead(.withBody(OutgoingHeaders()))
        _ = try pipe.put(message: [1, 2, 3])
        _ = try pipe.finish { _ in (nil, .plain) }
        let first = read(pipe, capacity: 100)
        #expect(pipe.rewind())
        #expect(read(pipe, capacity: 100) == first)
        pipe.forgetSent()
        #expect(!pipe.rewind())
    }

    @Test func longRequestIsSentAgainOnlyWhereNothingOfItHasLeft() throws {
        let pipe = OutboundPipe(keepsForReplay: true)
        _ = try pipe.putHead(.withBody(OutgoingHeaders()))
        _ = try pipe.put(message: [UInt8](repeating: 0, count: 1 << 20))
        _ = try pipe.finish { _ in (nil, .plain) }
        _ = pipe.submission()
        #expect(pipe.rewind())
        guard case .begin = pipe.submission() else {
            Issue.record("nothing is submitted")
            return
        }
        _ = read(pipe, capacity: 1)
        #expect(!pipe.rewind())
    }

    @Test func writerThatIsCancelledLeavesOthersWaiting() async throws {
        let pipe = OutboundPipe()
        _ = try pipe.putHead(.withBody(OutgoingHeaders()))
        _ = try pipe.put(message: [UInt8](repeating: 0, count: 200_000))
        let (waits, waiting) = AsyncStream.makeStream(of: Void.self)
        let writers = (0..<2).map { _ in
            Task {
                waiting.yield()
                try await pipe.waitForRoom()
            }
        }
        var turns = waits.makeAsyncIterator()
        for _ in writers { await turns.next() }
        writers[0].cancel()
        await #expect(throws: RPCError.self) { try await writers[0].value }
        _ = read(pipe, capacity: 200_000)
        try await writers[1].value
    }

    @Test func closedPipeRefusesWriters() throws {
        let pipe = OutboundPipe()
        pipe.close(RPCError(code: .unavailable, message: "gone"))
        #expect(throws: RPCError.self) { try pipe.putHead(.withBody(OutgoingHeaders())) }
    }
}
