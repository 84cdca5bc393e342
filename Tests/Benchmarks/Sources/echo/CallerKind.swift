/// Who calls.
enum CallerKind: String, CaseIterable {
    /// Tasks on the concurrency pool, through GRPCCore, as in a program that knows nothing of the
    /// transport.
    case pool
    /// Tasks on the transport's own executor, through GRPCCore.
    case loop
    /// Tasks on the transport's own executor, past GRPCCore, to a method that passes it by too.
    case direct
}
