internal import AgentAPI
internal import GRPCCore
private import Synchronization

/// The output of an operation as chunks of ExecuteStream: numbered without gaps, at most 64 KiB of text each.
///
/// A write returns when the reader has room, so a program that writes faster than its reader reads waits.
struct ChunkStream: OutputSink {
    /// The most bytes of text in a chunk.
    static let maxContentBytes = 64 << 10

    private let agentID: String
    private let writer: RPCWriter<Op_Agents_V1_ExecuteStreamResponse>
    private let state = ChunkNumbers()

    init(agentID: String, writer: RPCWriter<Op_Agents_V1_ExecuteStreamResponse>) {
        self.agentID = agentID
        self.writer = writer
    }

    func write(_ bytes: [UInt8], to stream: OutputStream) async throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            var piece = rest.prefix(Self.maxContentBytes)
            if piece.count < rest.count {
                piece = piece.dropLast(UTF8Boundary.unfinishedBytes(at: piece))
            }
            rest = rest.dropFirst(piece.count)
            let text = LossyUTF8(piece)
            try await send { chunk in
                chunk.streamType = stream.type
                chunk.content = text.text
                chunk.contentReplaced = text.hasReplacements
            }
        }
    }

    /// Sends the last chunk.
    func finish(_ result: OperationResult, json: String) async throws {
        try await send { chunk in
            chunk.streamType = .result
            chunk.isFinal = true
            chunk.success = result.success
            chunk.resultJson = json
            chunk.content = result.success ? result.summary : result.error ?? result.summary
            if let exitCode = result.exitCode { chunk.exitCode = exitCode }
        }
    }

    private func send(
        _ populate: (inout Op_Agents_V1_ExecuteStreamResponse) -> Void
    ) async throws {
        var chunk = Op_Agents_V1_ExecuteStreamResponse()
        chunk.agentID = agentID
        populate(&chunk)
        try await state.turns.withTurn {
            chunk.sequence = state.next()
            try await writer.write(chunk)
        }
    }
}

/// Numbers the chunks of one stream; a number is taken in the turn that writes it.
private final class ChunkNumbers: Sendable {
    let turns = TurnQueue()
    private let count = Atomic<UInt64>(0)

    func next() -> UInt64 {
        count.wrappingAdd(1, ordering: .relaxed).oldValue
    }
}

extension OutputStream {
    fileprivate var type: Op_Agents_V1_StreamType {
        switch self {
        case .stdout: .stdout
        case .stderr: .stderr
        case .progress: .progress
        }
    }
}
