internal import GRPCCore
private import Glibc

/// A block of header fields as it arrives: what the protocol needs, picked out, and the metadata
/// (gRPC over HTTP/2, "Requests" and "Responses").
struct IncomingHeaders {
    /// Request: the HTTP method is POST.
    var isPost = false
    /// Request: "/package.Service/Method".
    var path: String?
    /// Response: the HTTP status.
    var httpStatus: Int?
    /// The content type is one of gRPC's: "application/grpc", also with "+proto" or parameters.
    var isGRPC = false
    /// The compression of messages.
    var encoding: String?
    /// Messages may be sent in gzip.
    var acceptsGzip = false
    /// Request: how long the caller waits.
    ///
    /// Nil where there is no limit.
    var timeout: Duration?
    /// Request: the timeout could not be read.
    var hasBadTimeout = false
    /// Response: the outcome.
    var grpcStatus: Int?
    /// Response: the outcome in words, decoded.
    var grpcMessage = ""
    /// Metadata whose value is not what gRPC allows, and is left out: one of the keys.
    var malformedKey: String?
    var metadata = Metadata()
    /// As RFC 9113, section 6.5.2 counts: names, values, and 32 for each field.
    var size = 0

    mutating func add(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        size += name.count + value.count + 32
        guard let field = Known(name) else {
            addMetadata(name: name, value: value)
            return
        }
        switch field {
        case .method: isPost = equal(value, "POST")
        case .path: path = Self.text(value)
        case .status: httpStatus = Self.number(value)
        case .contentType: isGRPC = Self.isGRPC(contentType: value)
        case .encoding: encoding = Self.text(value)
        case .acceptEncoding: acceptsGzip = acceptsGzip || Self.list(value, names: "gzip")
        case .grpcStatus: grpcStatus = Self.number(value)
        case .grpcMessage: grpcMessage = PercentEncoding.decode(value)
        case .timeout:
            // Twice is bad too: who looks into the metadata would find the other one.
            guard timeout == nil, !hasBadTimeout, let limit = TimeoutValue.decode(value) else {
                hasBadTimeout = true
                return
            }
            // No metadata: GRPCCore would keep the same deadline again, with a task of its own for each call.
            timeout = limit
        case .ignored: break
        }
    }

    private static func isGRPC(contentType: UnsafeRawBufferPointer) -> Bool {
        let length = 16
        guard contentType.count >= length,
            equal(UnsafeRawBufferPointer(rebasing: contentType[..<length]), "application/grpc")
        else { return false }
        guard contentType.count > length else { return true }
        return contentType[length] == UInt8(ascii: "+") || contentType[length] == UInt8(ascii: ";")
    }

    /// A decimal number without a sign; nil for anything else.
    private static func number(_ text: UnsafeRawBufferPointer) -> Int? {
        guard (1...9).contains(text.count) else { return nil }
        var number = 0
        for byte in text {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            number = number * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return number
    }

    private mutating func addMetadata(
        name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer
    ) {
        // Other fields that HTTP allows mean something to somebody else.
        guard MetadataRules.isKey(name) else { return }
        let key = Self.text(name)
        guard key.hasSuffix("-bin") else {
            if MetadataRules.isText(value) {
                metadata.addString(Self.text(value), forKey: key)
            } else {
                malformedKey = key
            }
            return
        }
        // Values of one key may arrive joined by commas.
        for part in value.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            if let bytes = Base64.decode(part) {
                metadata.addBinary(bytes, forKey: key)
            } else {
                malformedKey = key
            }
        }
    }

    /// Whether a list that is separated by commas, and spaces, has an element.
    private static func list(_ list: UnsafeRawBufferPointer, names element: StaticString) -> Bool {
        var rest = list[...]
        while !rest.isEmpty {
            let part = rest.prefix { $0 != UInt8(ascii: ",") }
            rest = rest.dropFirst(part.count + 1)
            let name = part.drop { $0 == UInt8(ascii: " ") }.prefix { $0 != UInt8(ascii: " ") }
            if equal(UnsafeRawBufferPointer(rebasing: name), element) { return true }
        }
        return false
    }

    private static func text(_ bytes: UnsafeRawBufferPointer) -> String {
        String(decoding: bytes, as: UTF8.self)
    }
}

extension IncomingHeaders {
    /// Fields that belong to the protocol and are no metadata.
    private enum Known {
        case method, path, status, contentType, encoding, acceptEncoding, timeout, grpcStatus
        case grpcMessage, ignored

        init?(_ name: UnsafeRawBufferPointer) {
            // The length leaves one or two candidates, which one comparison settles.
            switch name.count {
            case 2 where equal(name, "te"): self = .ignored
            case 5 where equal(name, ":path"): self = .path
            case 7 where equal(name, ":method"): self = .method
            case 7 where equal(name, ":scheme"): self = .ignored
            case 7 where equal(name, ":status"): self = .status
            case 10 where equal(name, ":authority"): self = .ignored
            case 11 where equal(name, "grpc-status"): self = .grpcStatus
            case 12 where equal(name, "content-type"): self = .contentType
            case 12 where equal(name, "grpc-timeout"): self = .timeout
            case 12 where equal(name, "grpc-message"): self = .grpcMessage
            case 13 where equal(name, "grpc-encoding"): self = .encoding
            case 20 where equal(name, "grpc-accept-encoding"): self = .acceptEncoding
            default: return nil
            }
        }
    }
}

/// Whether bytes are a text.
private func equal(_ bytes: UnsafeRawBufferPointer, _ text: StaticString) -> Bool {
    guard bytes.count == text.utf8CodeUnitCount, let base = bytes.baseAddress else { return false }
    return memcmp(base, text.utf8Start, bytes.count) == 0
}
