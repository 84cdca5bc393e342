/// Where the tasks run that call.
enum CallerKind: String, CaseIterable {
    /// On the concurrency pool, as those of a program that knows nothing of the transport.
    case pool
    /// On the transport's own executor.
    case loop
}
