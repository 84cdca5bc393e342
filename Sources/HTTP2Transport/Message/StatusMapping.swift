internal import GRPCCore

/// What an end without a gRPC status means.
enum StatusMapping {
    /// The status of a response that is not gRPC (gRPC, "HTTP to gRPC Status Code Mapping").
    static func status(httpStatus: Int?) -> Status {
        let code: Status.Code =
            switch httpStatus {
            case 400: .internalError
            case 401: .unauthenticated
            case 403: .permissionDenied
            case 404: .unimplemented
            case 429, 502, 503, 504: .unavailable
            default: .unknown
            }
        let answer = httpStatus.map { "HTTP status \($0)" } ?? "no HTTP status"
        return Status(code: code, message: "the server's answer is not gRPC: \(answer)")
    }

    /// The status of a stream that was reset (gRPC over HTTP/2, "Errors").
    static func status(_ code: HTTP2ErrorCode) -> Status {
        let status: Status.Code =
            switch code {
            case .refusedStream: .unavailable
            case .cancel: .cancelled
            case .enhanceYourCalm: .resourceExhausted
            case .inadequateSecurity: .permissionDenied
            default: .internalError
            }
        return Status(code: status, message: "the peer reset the stream: \(code)")
    }
}
