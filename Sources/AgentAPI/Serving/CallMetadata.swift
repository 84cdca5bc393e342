package import GRPCCore
internal import HTTP2Transport

/// What travels beside a call and follows it through forwarding: its request id, its deadline, the caller's metadata.
package struct CallMetadata: Sendable {
    /// The metadata key of the request id.
    package static let requestIDKey = "op-request-id"
    /// A longer request id, in bytes, is replaced by one of ours.
    package static let maxRequestIDBytes = 128

    /// Follows the call in every log line.
    package let requestID: String
    /// When the caller stops waiting; nil where it waits for ever.
    package let deadline: ContinuousClock.Instant?
    private let received: Metadata

    /// Reads the metadata that a call came with.
    ///
    /// - Parameters:
    ///   - received: As the transport gives it.
    ///   - context: The call's, in which the transport tells its deadline.
    package init(_ received: Metadata, of context: ServerContext) {
        self.init(received, deadline: context.http2?.deadline)
    }

    /// Reads metadata, for a call whose deadline is known.
    ///
    /// - Parameters:
    ///   - received: As the transport gives it.
    ///   - deadline: When the caller stops waiting; nil, the default, where it waits for ever.
    package init(_ received: Metadata, deadline: ContinuousClock.Instant? = nil) {
        let requestID = received[stringValues: Self.requestIDKey].first { _ in true }
        if let requestID, !requestID.isEmpty, requestID.utf8.count <= Self.maxRequestIDBytes {
            self.requestID = requestID
        } else {
            self.requestID = String(UInt64.random(in: .min ... .max), radix: 36)
        }
        self.deadline = deadline
        self.received = received
    }

    /// The caller's own metadata, without what gRPC and HTTP keep for themselves.
    package var custom: Metadata {
        var custom = received
        custom.removeAll { key, _ in Self.isReserved(key) || key == Self.requestIDKey }
        return custom
    }

    /// What to send with the call when it is passed on: the caller's metadata, the request id, and the time that is left.
    ///
    /// - Parameter now: The time of forwarding.
    /// - Returns: The metadata.
    package func forwarded(now: ContinuousClock.Instant = .now) -> Metadata {
        var metadata = custom
        metadata.replaceOrAddString(requestID, forKey: Self.requestIDKey)
        metadata.callTimeout = deadline.map { now.duration(to: $0) }
        return metadata
    }

    private static func isReserved(_ key: String) -> Bool {
        key.hasPrefix("grpc-") || key.hasPrefix(":")
            || ["content-type", "te", "user-agent", "host", "content-length"].contains(key)
    }
}
