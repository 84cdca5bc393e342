import FoundationEssentials
import SwiftProtobuf

/// Writes values as JSON for other programs.
enum Report {
    /// Encodes a value: keys in snake_case, times as RFC 3339 in UTC, with milliseconds.
    ///
    /// - Parameter value: The value.
    /// - Returns: One line of JSON.
    /// - Throws: `EncodingError` where the value holds what JSON cannot say.
    static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(date.formatted(.iso8601WithMilliseconds))
        }
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}

extension FormatStyle where Self == Date.ISO8601FormatStyle {
    /// Such as `2026-01-02T03:04:05.678Z`: transitions follow each other faster than the seconds.
    fileprivate static var iso8601WithMilliseconds: Self {
        Date.ISO8601FormatStyle(includingFractionalSeconds: true)
    }
}

extension Date {
    /// A moment as it travels.
    ///
    /// - Parameter timestamp: The moment.
    init(_ timestamp: Google_Protobuf_Timestamp) {
        self.init(timeIntervalSince1970: Double(timestamp.seconds) + Double(timestamp.nanos) / 1e9)
    }
}
