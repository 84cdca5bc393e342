internal import GRPCCore

/// The methods of the service that is measured.
enum EchoMethod {
    /// Answers with the request's bytes.
    static let echo = descriptor("Echo")
    /// Answers with the server's ``CPUTime`` as text.
    static let cpuTime = descriptor("CPUTime")

    private static func descriptor(_ method: String) -> MethodDescriptor {
        MethodDescriptor(fullyQualifiedService: "bench.Echo", method: method, type: .unary)
    }
}
