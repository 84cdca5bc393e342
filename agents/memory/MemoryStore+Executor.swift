extension MemoryStore {
    /// Does what takes microseconds, on the caller's thread.
    ///
    /// That may be an event loop's: a hop would cost more than the work. Where a long write holds the writer it is done
    /// elsewhere, so that the loop does not wait.
    func soon<Result: Sendable>(
        _ body: @escaping @Sendable (MemoryStore) throws -> Result
    ) async throws -> Result {
        guard database.isInLongWrite else { return try body(self) }
        return try await atLength(body)
    }

    /// Does what may take longer, off the caller's event loop.
    func atLength<Result: Sendable>(
        _ body: @escaping @Sendable (MemoryStore) throws -> Result
    ) async throws -> Result {
        try await withTaskExecutorPreference(globalConcurrentExecutor) { @concurrent in
            try body(self)
        }
    }
}
