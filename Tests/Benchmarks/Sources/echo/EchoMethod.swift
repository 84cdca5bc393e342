internal import GRPCCore

/// The methods of the service that is measured.
enum EchoMethod {
    /// Answers with the request's bytes.
    static let echo = descriptor("Echo", .unary)
    /// Answers each message with its bytes.
    static let echoEach = descriptor("EchoEach", .bidirectionalStreaming)
    /// Answers with the number of bytes of all messages together, as text.
    static let collect = descriptor("Collect", .clientStreaming)
    /// Answers with messages until the call is cancelled, each of so many bytes as the request says as
    /// text.
    static let produce = descriptor("Produce", .serverStreaming)

    private static func descriptor(_ method: String, _ type: MethodDescriptor.RPCType)
        -> MethodDescriptor
    {
        MethodDescriptor(fullyQualifiedService: "bench.Echo", method: method, type: type)
    }
}
