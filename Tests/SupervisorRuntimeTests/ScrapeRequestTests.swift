import Testing

@testable import SupervisorRuntime

struct ScrapeRequestTests {
    @Test(
        arguments: [
            ("GET /metrics HTTP/1.1\r\n\r\n", .metrics(hasBody: true)),
            ("GET /metrics HTTP/1.1\n\n", .metrics(hasBody: true)),
            ("GET /metrics HTTP/1.0\r\nAccept: */*\r\n\r\nmore", .metrics(hasBody: true)),
            ("GET http://[::1]:9464/metrics?a=/ HTTP/1.1\r\n\r\n", .metrics(hasBody: true)),
            ("HEAD /metrics HTTP/1.1\r\n\r\n", .metrics(hasBody: false)),
            ("DELETE /metrics HTTP/1.1\r\n\r\n", .refused(.unknownMethod)),
            ("get /metrics HTTP/1.1\r\n\r\n", .refused(.unknownMethod)),
            ("GET /metricsandmore HTTP/1.1\r\n\r\n", .refused(.elsewhere)),
            ("GET * HTTP/1.1\r\n\r\n", .refused(.elsewhere)),
            ("GET /metrics HTTP/2.0\r\n\r\n", .refused(.unknownVersion)),
            ("GET /metrics\r\n\r\n", .refused(.malformed)),
            ("GET  /metrics HTTP/1.1\r\n\r\n", .refused(.malformed)),
            ("\r\n\r\n", .refused(.malformed)),
            ("\u{0}\u{0}\n\n", .refused(.malformed)),
        ] as [(String, ScrapeRequest)])
    func aHeadIsRead(text: String, request: ScrapeRequest) {
        #expect(ScrapeRequest.read(Array(text.utf8)) == request)
    }

    @Test(arguments: [
        "", "GET", "GET /metrics HTTP/1.1\r\n", "GET /metrics HTTP/1.1\r\nA: b\r\n\r",
    ])
    func theEndOfAHeadIsWaitedFor(text: String) {
        #expect(ScrapeRequest.read(Array(text.utf8)) == nil)
    }

    @Test func aHeadWithoutEndIsRefused() {
        let bytes = [UInt8](repeating: 0x41, count: ScrapeRequest.largestHead)
        #expect(ScrapeRequest.read(bytes) == nil)
        #expect(ScrapeRequest.read(bytes + [0x41]) == .refused(.tooLarge))
    }
}
