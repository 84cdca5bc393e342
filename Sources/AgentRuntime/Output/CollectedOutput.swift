private import Synchronization

/// The output of an operation that answers once: standard output and error as they came, bounded.
///
/// Progress is left out.
final class CollectedOutput: OutputSink {
    /// Taken when the operation is over.
    private let output: Mutex<BoundedOutput?>

    init(artifacts: ArtifactStore) {
        output = Mutex(BoundedOutput(artifacts: artifacts))
    }

    func write(_ bytes: [UInt8], to stream: OutputStream) async throws {
        guard stream != .progress else { return }
        try output.withLock { try $0?.append(bytes) }
    }

    /// Ends it; what is written later is lost.
    func finish() -> BoundedOutput.Summary? {
        output.withLock { $0.take()?.finish() }
    }
}
