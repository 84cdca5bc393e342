package import GRPCCore

/// Lets many tasks write to a stream that takes one element at a time, in the order in which they came.
///
/// The next write begins when the one before is accepted, so a slow reader holds all of them.
package struct SerializedWriter<Element: Sendable>: RPCWriterProtocol {
    private let turns = TurnQueue()
    private let writer: RPCWriter<Element>

    /// Creates a writer.
    ///
    /// - Parameter writer: Where the elements go.
    package init(_ writer: RPCWriter<Element>) {
        self.writer = writer
    }

    package func write(_ element: Element) async throws {
        try await turns.withTurn { try await writer.write(element) }
    }

    package func write(contentsOf elements: some Sequence<Element>) async throws {
        for element in elements { try await write(element) }
    }
}
