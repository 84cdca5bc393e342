import AgentRuntime
import FoundationEssentials

@testable import RustProAgent

/// What a real cargo wrote, in Tests/Fixtures/cargo-output.
struct CapturedOutput {
    let stdout: [UInt8]
    let stderr: [UInt8]

    init(_ name: String) throws {
        let directory = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../Fixtures/cargo-output")
        stdout = try Array(Data(contentsOf: directory.appending(path: "\(name).stdout")))
        stderr = try Array(Data(contentsOf: directory.appending(path: "\(name).stderr")))
    }

    /// Lets an output be understood, in pieces of a length, and returns it with what it passed on.
    func understood(
        as subcommand: CargoSubcommand, keepsColor: Bool = false, pieceLength: Int = 4096
    ) -> (output: CargoOutput, pieces: [CargoOutput.Piece]) {
        var output = CargoOutput(of: subcommand, keepsColor: keepsColor)
        var pieces: [CargoOutput.Piece] = []
        for (stream, bytes) in [(ProgramStream.stdout, stdout), (.stderr, stderr)] {
            for start in stride(from: 0, to: bytes.count, by: pieceLength) {
                let end = min(start + pieceLength, bytes.count)
                pieces += output.receive(Array(bytes[start..<end]), from: stream)
            }
        }
        pieces += output.finish()
        return (output, pieces)
    }
}

extension [CargoOutput.Piece] {
    /// The text that is passed on to a stream.
    func text(_ stream: OutputStream) -> String {
        String(decoding: filter { $0.stream == stream }.flatMap(\.bytes), as: UTF8.self)
    }
}
