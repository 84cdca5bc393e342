public import GRPCCore

extension Metadata {
    /// How long a call may take, as its `grpc-timeout` says (gRPC over HTTP/2, "Requests").
    ///
    /// `HTTP2ClientTransport` keeps the deadline of a call whose metadata has a time limit and whose
    /// `CallOptions.timeout` is nil: the call ends with DEADLINE_EXCEEDED, also while it waits for a connection. The option does
    /// so with two tasks more for each call, which cost half as much as the call itself; it is what covers several
    /// attempts together, where calls are retried or hedged.
    ///
    /// What is set is rounded up to what eight digits can say: to microseconds up to 99 s. Nil removes it; nil is
    /// also what a malformed field reads as.
    public var callTimeout: Duration? {
        get {
            for text in self[stringValues: Self.timeoutKey] {
                return Array(text.utf8).withUnsafeBytes { TimeoutValue.decode($0) }
            }
            return nil
        }
        set {
            removeAllValues(forKey: Self.timeoutKey)
            if let newValue { addString(TimeoutValue.encode(newValue), forKey: Self.timeoutKey) }
        }
    }

    private static let timeoutKey = "grpc-timeout"
}
