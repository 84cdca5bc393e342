/// What a scraper asks for, as far as this end of HTTP/1.1 is served: one GET or HEAD of one path.
///
/// Source: RFC 9112, sections 3 and 9.6; RFC 9110, section 15.
enum ScrapeRequest: Equatable {
    /// The metrics; only the head of the answer where `hasBody` is false.
    case metrics(hasBody: Bool)
    /// Something that is answered with a status and a sentence.
    case refused(Refusal)

    /// A status and what to do about it.
    enum Refusal: String {
        case malformed = "400 Bad Request"
        case elsewhere = "404 Not Found"
        case unknownMethod = "405 Method Not Allowed"
        case tooLarge = "431 Request Header Fields Too Large"
        case unknownVersion = "505 HTTP Version Not Supported"

        /// One sentence.
        var sentence: String {
            switch self {
            case .malformed: "cannot read the request: it is no HTTP; send GET /metrics HTTP/1.1"
            case .elsewhere: "cannot find that: the metrics are at /metrics"
            case .unknownMethod: "cannot do that: send GET or HEAD"
            case .tooLarge:
                "cannot read the request: its head has over \(largestHead) bytes; send less"
            case .unknownVersion: "cannot answer in that version of HTTP: use HTTP/1.1"
            }
        }
    }

    /// The most bytes up to the end of a request's header fields.
    static let largestHead = 8 << 10

    /// Reads what has arrived.
    ///
    /// - Parameter bytes: All of it, from the start.
    /// - Returns: Nil where the end of the header fields has not come yet.
    static func read(_ bytes: [UInt8]) -> ScrapeRequest? {
        guard hasEnd(bytes) else { return bytes.count > largestHead ? .refused(.tooLarge) : nil }
        let line = bytes.prefix { $0 != newline }
        let words = String(decoding: line, as: UTF8.self).trimmingCarriageReturn
            .split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 3, !words.contains(""), words[2].hasPrefix("HTTP/") else {
            return .refused(.malformed)
        }
        guard words[2].hasPrefix("HTTP/1.") else { return .refused(.unknownVersion) }
        guard path(of: words[1]) == "/metrics" else { return .refused(.elsewhere) }
        switch words[0] {
        case "GET": return .metrics(hasBody: true)
        case "HEAD": return .metrics(hasBody: false)
        default: return .refused(.unknownMethod)
        }
    }

    private static let newline = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    /// Whether there is an empty line; one may end without a carriage return (RFC 9112, section 2.2).
    private static func hasEnd(_ bytes: [UInt8]) -> Bool {
        var lineStart = 0
        for (index, byte) in bytes.enumerated() where byte == newline {
            let line = bytes[lineStart..<index]
            if lineStart > 0, line.isEmpty || line.elementsEqual([carriageReturn]) { return true }
            lineStart = index + 1
        }
        return false
    }

    /// The path of a request's target, which may be a whole URI and have a query.
    private static func path(of target: Substring) -> Substring {
        var path = target.prefix { $0 != "?" }
        if path.hasPrefix("http://") {
            path = path.dropFirst("http://".count).drop { $0 != "/" }
        }
        return path
    }
}

extension String {
    fileprivate var trimmingCarriageReturn: Substring {
        // Not `hasSuffix`: in a string a carriage return may be half of a character.
        utf8.last == 0x0D ? Substring(utf8.dropLast()) : self[...]
    }
}
