internal import GRPCCore

extension OutgoingHeaders {
    /// The header fields of a request.
    ///
    /// - Parameters:
    ///   - descriptor: The method that is called.
    ///   - authority: Whom it is called on.
    ///   - metadata: The caller's.
    ///   - isCompressed: Messages of the request may be compressed.
    ///   - acceptsCompressed: Messages of the response may be.
    /// - Returns: The fields.
    /// - Throws: `RPCError` where the metadata cannot travel.
    static func request(
        _ descriptor: MethodDescriptor, authority: String, metadata: Metadata,
        isCompressed: Bool = false, acceptsCompressed: Bool = false
    ) throws(RPCError) -> Self {
        let (service, method) = (descriptor.service.fullyQualifiedService, descriptor.method)
        var headers = OutgoingHeaders(
            fieldCapacity: 9 + metadata.count,
            storageCapacity: service.utf8.count + method.utf8.count + authority.utf8.count + 2)
        headers.addFixed(":method", "POST")
        headers.addFixed(":scheme", "http")
        headers.addPath(service: service, method: method)
        headers.addNamed(":authority", authority)
        headers.addFixed("te", "trailers")
        headers.addFixed("content-type", "application/grpc")
        headers.addFixed("user-agent", "op-agents-swift")
        if isCompressed { headers.addFixed("grpc-encoding", "gzip") }
        if acceptsCompressed { headers.addFixed("grpc-accept-encoding", "gzip,identity") }
        try headers.add(metadata)
        return headers
    }

    /// The header fields of a response that has messages or initial metadata.
    ///
    /// - Parameters:
    ///   - metadata: Initial metadata.
    ///   - isCompressed: Messages may be compressed.
    /// - Returns: The fields.
    /// - Throws: `RPCError` where the metadata cannot travel.
    static func response(
        metadata: Metadata, isCompressed: Bool = false
    ) throws(RPCError) -> Self {
        var headers = OutgoingHeaders(fieldCapacity: 3 + metadata.count)
        headers.addFixed(":status", "200")
        headers.addFixed("content-type", "application/grpc")
        if isCompressed { headers.addFixed("grpc-encoding", "gzip") }
        try headers.add(metadata)
        return headers
    }

    /// The fields that end a response.
    ///
    /// - Parameters:
    ///   - status: The outcome.
    ///   - metadata: Trailing metadata.
    ///   - startsResponse: Nothing was sent before ("Trailers-Only").
    /// - Returns: The fields.
    /// - Throws: `RPCError` where the metadata cannot travel.
    static func trailers(
        _ status: Status, metadata: Metadata, startsResponse: Bool
    ) throws(RPCError) -> Self {
        var headers = OutgoingHeaders(fieldCapacity: 4 + metadata.count)
        if startsResponse {
            headers.addFixed(":status", "200")
            headers.addFixed("content-type", "application/grpc")
        }
        if status.code == .ok {
            headers.addFixed("grpc-status", "0")
        } else {
            headers.addNamed("grpc-status", String(status.code.rawValue))
        }
        if !status.message.isEmpty {
            headers.addNamed("grpc-message", PercentEncoding.encode(status.message))
        }
        try headers.add(metadata)
        return headers
    }

    /// The answer to a request that is not gRPC at all (gRPC over HTTP/2: 415 for a wrong content type).
    static func httpError(_ status: StaticString) -> Self {
        var headers = OutgoingHeaders()
        headers.addFixed(":status", status)
        return headers
    }

    /// nghttp2 sends no block that may take over 64 KiB, and would report a longer one as refused by the peer.
    private static let maximumBlockSize = 62 << 10
    /// What nghttp2 adds for each field when it estimates a block.
    private static let fieldOverhead = 12

    private mutating func add(_ metadata: Metadata) throws(RPCError) {
        for (key, value) in metadata {
            try MetadataRules.check(key: key, value: value)
            add(key.lowercased(), value.encoded())
        }
        guard storage.count + fields.count * Self.fieldOverhead <= Self.maximumBlockSize else {
            throw RPCError(
                code: .resourceExhausted,
                message: "cannot send metadata of \(storage.count) bytes: the limit is "
                    + "\(Self.maximumBlockSize); send it as a message")
        }
    }
}
