internal import GRPCCore

/// What a request asks for, once its header fields have been found in order.
struct RequestedMethod {
    /// Why a request is not looked at any further.
    enum Refusal: Error {
        /// With a status that gRPC names for it.
        case status(Status, Metadata)
        /// As something that is not gRPC at all, with the status of HTTP.
        case http(StaticString)
    }

    let descriptor: MethodDescriptor
    /// Nil where GRPCCore's server answers it.
    var directHandler: DirectMethods.Handler?
    /// Messages of the request may be in gzip.
    var isCompressed = false

    /// Reads a request's header fields (gRPC over HTTP/2, "Requests").
    ///
    /// - Parameters:
    ///   - headers: The whole block.
    ///   - compression: What messages may be compressed with.
    ///   - directMethods: Those that GRPCCore's server does not answer.
    /// - Returns: What is asked for.
    /// - Throws: ``Refusal``, to be answered.
    static func read(
        _ headers: IncomingHeaders, compression: MessageCompression, directMethods: DirectMethods
    ) throws(Refusal) -> RequestedMethod {
        guard headers.size <= StreamLimits.maximumHeaderListSize else {
            throw refusal(
                .resourceExhausted,
                "cannot read the request: its header fields have over "
                    + "\(StreamLimits.maximumHeaderListSize) bytes; send less metadata")
        }
        guard headers.isPost else { throw .http("405") }
        guard headers.isGRPC else { throw .http("415") }
        let isCompressed = try isCompressed(headers.encoding, compression)
        if let key = headers.hasBadTimeout ? "grpc-timeout" : headers.malformedKey {
            throw refusal(
                .internalError,
                "cannot read the request's metadata: \(key) is malformed; send text as "
                    + "printable ASCII, anything else as base64 under a key that ends in -bin")
        }
        let path = headers.path ?? ""
        if let method = directMethods[path] {
            return RequestedMethod(
                descriptor: method.descriptor, directHandler: method.handler,
                isCompressed: isCompressed)
        }
        return RequestedMethod(descriptor: try descriptor(path), isCompressed: isCompressed)
    }

    private static func isCompressed(
        _ encoding: String?, _ compression: MessageCompression
    ) throws(Refusal) -> Bool {
        switch encoding {
        case nil, "identity": return false
        case "gzip" where compression.enablesGzip: return true
        case let encoding?:
            var metadata = Metadata()
            metadata.addString(
                compression.enablesGzip ? "gzip,identity" : "identity",
                forKey: "grpc-accept-encoding")
            throw refusal(
                .unimplemented,
                "cannot read messages compressed with \(encoding); send them as "
                    + "grpc-accept-encoding says",
                metadata)
        }
    }

    private static func descriptor(_ path: String) throws(Refusal) -> MethodDescriptor {
        let slash = UInt8(ascii: "/")
        let bytes = path.utf8
        guard bytes.first == slash, let last = bytes.lastIndex(of: slash), last > bytes.startIndex
        else {
            throw refusal(
                .unimplemented, "cannot call \(path): a method is /package.Service/Method")
        }
        return MethodDescriptor(
            fullyQualifiedService: String(path[bytes.index(after: bytes.startIndex)..<last]),
            method: String(path[bytes.index(after: last)...]))
    }

    private static func refusal(
        _ code: Status.Code, _ message: String, _ metadata: Metadata = [:]
    ) -> Refusal {
        .status(Status(code: code, message: message), metadata)
    }
}
