import Testing

@testable import HTTP2Transport

struct Nghttp2SessionTests {
    /// Something that a hostile client does over and over.
    struct Flood: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// So many are suffered, all at once.
        let limit: Int
        /// Comes first.
        var prelude: [RawFrame] = []
        /// The frames of the nth time, from 0.
        let frames: @Sendable (UInt32) -> [RawFrame]
    }

    static let floods = [
        // The first SETTINGS count for ten.
        Flood(testDescription: "PING", limit: 9990) { _ in [.ping] },
        Flood(testDescription: "acknowledged PING", limit: 9990) { _ in
            [RawFrame(kind: .ping, flags: RawFrame.acknowledgement, payload: RawFrame.ping.payload)]
        },
        Flood(testDescription: "SETTINGS", limit: 999) { _ in [.settings()] },
        Flood(testDescription: "SETTINGS with windows", limit: 999) { turn in
            [.settings([(id: 4, value: 1000 + turn)])]
        },
        Flood(testDescription: "WINDOW_UPDATE", limit: 9990) { _ in [.windowUpdate(by: 1)] },
        Flood(testDescription: "PRIORITY", limit: 9990) { turn in
            [RawFrame(kind: .priority, stream: 1 + 2 * turn, payload: [0, 0, 0, 0, 16])]
        },
        // A request pays for ten.
        Flood(testDescription: "empty DATA", limit: 10_000, prelude: [.request(1)]) { _ in
            [.data(1, [])]
        },
        Flood(testDescription: "rapid reset", limit: 1000) { turn in
            [.request(1 + 2 * turn), .reset(1 + 2 * turn)]
        },
        Flood(testDescription: "made to reset by a body that is too long", limit: 100) { turn in
            [
                .request(1 + 2 * turn, adding: [("content-length", "0")]),
                .data(1 + 2 * turn, [1]),
            ]
        },
        Flood(testDescription: "made to reset by a window that is too large", limit: 100) { turn in
            [.request(1 + 2 * turn), .windowUpdate(1 + 2 * turn, by: 0x7fff_ffff)]
        },
        Flood(testDescription: "made to reset by header fields", limit: 100) { turn in
            [.request(1 + 2 * turn, adding: [("Upper", "case")])]
        },
    ]

    @Test(arguments: floods)
    func floodEndsTheConnection(flood: Flood) throws {
        let server = HeadlessServer()
        try server.receive(RawFrame.preface + RawFrame.settingsAcknowledgement.bytes)
        try server.receive(flood.prelude)
        #expect(throws: Nghttp2Session.Failure.self) {
            // Time refills what is suffered, so that some more may pass on a slow machine.
            for turn in 0..<UInt32(flood.limit * 20) { try server.receive(flood.frames(turn)) }
        }
        #expect(server.goAway?.errorCode == .enhanceYourCalm)
        #expect(server.goAway?.debugData.isEmpty == false)
    }

    @Test(arguments: floods)
    func burstIsSuffered(flood: Flood) throws {
        let server = HeadlessServer()
        try server.receive(RawFrame.preface + RawFrame.settingsAcknowledgement.bytes)
        try server.receive(flood.prelude)
        for turn in 0..<UInt32(flood.limit) { try server.receive(flood.frames(turn)) }
        #expect(server.goAway == nil)
    }

    @Test func acknowledgementsThatNobodyReadsEndTheConnection() throws {
        let server = HeadlessServer()
        try server.receive(RawFrame.preface)
        #expect(throws: Nghttp2Session.Failure.self) {
            for _ in 0..<2000 { try server.receiveWithoutSending([.ping]) }
        }
        server.send()
        #expect(server.goAway?.errorCode == .enhanceYourCalm)
    }

    @Test func callsThatAreRefusedEndTheConnectionOnceTheyAreAFlood() throws {
        let server = HeadlessServer()
        server.opensStreams = false
        try server.receive(RawFrame.preface + RawFrame.settingsAcknowledgement.bytes)
        try server.receive([.request(1), .request(3, endsStream: true)])
        let resets = server.output.filter { $0.kind == .reset }
        #expect(resets.map(\.stream) == [1, 3])
        #expect(resets.map(\.errorCode) == [.refusedStream, .refusedStream])
        #expect(throws: Nghttp2Session.Failure.self) {
            for turn in 0..<UInt32(50_000) { try server.receive([.request(5 + 2 * turn)]) }
        }
        #expect(server.goAway?.errorCode == .enhanceYourCalm)
    }

    @Test func headerFieldsWithoutEndAreAbandoned() throws {
        let server = HeadlessServer()
        server.headerLimit = 100
        try server.receive(RawFrame.preface + RawFrame.settingsAcknowledgement.bytes)
        // One byte each for a field of 4,000 ("HPACK bomb").
        var bomb = RawFrame.request(1, endsStream: true)
        bomb.payload += HPACK.indexed("bomb", String(repeating: "x", count: 4000))
        bomb.payload += [UInt8](repeating: 0x80 | 62, count: 10_000)
        try server.receive([bomb])
        #expect(server.fields == 101)
        #expect(server.output.last == .reset(1, .enhanceYourCalm))
        #expect(server.closedStreams == 1)
        // The table is still what the client takes it to be.
        var next = RawFrame.request(3, endsStream: true)
        next.payload.append(0x80 | 62)
        try server.receive([next])
        #expect(server.fields == 101 + 7)
        #expect(server.goAway == nil)
    }

    @Test func blockOfHeaderFieldsInPiecesWithoutEndEndsTheConnection() throws {
        let server = HeadlessServer()
        try server.receive(RawFrame.preface)
        var first = RawFrame.request(1)
        first.flags = 0
        #expect(throws: Nghttp2Session.Failure.self) {
            try server.receive([first])
            for _ in 0..<10 { try server.receive([RawFrame(kind: .continuation, stream: 1)]) }
        }
        #expect(server.goAway?.errorCode == .enhanceYourCalm)
    }

    @Test(arguments: [true, false])
    func streamsBeyondTheLimitAreRefused(isKnown: Bool) throws {
        let server = HeadlessServer()
        try server.receive(RawFrame.preface)
        #expect(server.output.first?.payload.prefix(6) == [0, 3, 0, 0, 0, 100])
        if isKnown { try server.receive([.settingsAcknowledgement]) }
        try server.receive((0..<102).map { .request(1 + 2 * $0) })
        #expect(server.openedStreams == 100)
        #expect(
            server.output.suffix(2) == [.reset(201, .refusedStream), .reset(203, .refusedStream)])
        // There is room again once one has ended.
        try server.receive([.reset(1), .request(205)])
        #expect(server.openedStreams == 101)
        #expect(server.goAway == nil)
    }

    @Test(arguments: [true, false])
    func refusalsThatNobodyReadsEndTheConnection(isKnown: Bool) throws {
        let server = HeadlessServer()
        try server.receive(RawFrame.preface)
        if isKnown { try server.receive([.settingsAcknowledgement]) }
        #expect(throws: Nghttp2Session.Failure.self) {
            for turn in 0..<UInt32(2200) {
                try server.receiveWithoutSending([.request(1 + 2 * turn)])
            }
        }
    }

    @Test func clientThatIsNoneIsToldSo() throws {
        let server = HeadlessServer()
        #expect(throws: Nghttp2Session.Failure.self) {
            try server.receive(Array("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8))
        }
        #expect(server.goAway?.errorCode == .protocolError)
    }

    @Test func connectionErrorIsToldWithItsReason() throws {
        let server = HeadlessServer()
        try server.receive(RawFrame.preface)
        // Stream 0 carries no data.
        try server.receive([.data(0, [1])])
        #expect(server.goAway?.errorCode == .protocolError)
        #expect(server.session.isOver)
        #expect(server.session.complaint?.hasPrefix("PROTOCOL_ERROR: ") == true)
    }
}
