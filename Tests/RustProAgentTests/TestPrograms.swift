import AgentRuntime
import FoundationEssentials
import Glibc
import Synchronization

@testable import RustProAgent

extension GuardedProgramRunner {
    /// A runner whose guards are made from the agent's binary, which is built beside the tests.
    static let beside: GuardedProgramRunner = {
        let bytes = [UInt8](unsafeUninitializedCapacity: Int(PATH_MAX)) { buffer, count in
            count = buffer.withMemoryRebound(to: CChar.self) { text in
                text.baseAddress.map { max(0, readlink("/proc/self/exe", $0, text.count)) } ?? 0
            }
        }
        let own = String(decoding: bytes, as: UTF8.self)
        let directory = own[..<(own.lastIndex(of: "/") ?? own.endIndex)]
        return GuardedProgramRunner(guardExecutable: "\(directory)/op-agent-rust-pro")
    }()
}

/// Stands in for programs: what they do is written in the test.
struct ScriptedPrograms: ProgramRunning {
    typealias Output = (ProgramStream, [UInt8]) async throws -> Void

    let script: @Sendable (Program, Output) async throws -> ProgramEnd

    func run(_ program: Program, output: Output) async throws -> ProgramEnd {
        try await script(program, output)
    }
}

/// Keeps what is written to it, and lets a test wait for it.
final class RecordingSink: OutputSink {
    private struct State {
        var pieces: [(bytes: [UInt8], stream: OutputStream)] = []
        var waiting: (needle: String, continuation: CheckedContinuation<Void, Never>)?

        var text: String { String(decoding: pieces.flatMap(\.bytes), as: UTF8.self) }
    }

    private let state = Mutex(State())

    func write(_ bytes: [UInt8], to stream: OutputStream) async throws {
        try Task.checkCancellation()
        let waiting = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.pieces.append((bytes, stream))
            guard let waiting = state.waiting, state.text.contains(waiting.needle) else {
                return nil
            }
            state.waiting = nil
            return waiting.continuation
        }
        waiting?.resume()
    }

    /// What was written to a stream.
    func text(_ stream: OutputStream) -> String {
        let pieces = state.withLock { $0.pieces.filter { $0.stream == stream } }
        return String(decoding: pieces.flatMap(\.bytes), as: UTF8.self)
    }

    /// How many pieces were written to a stream.
    func count(_ stream: OutputStream) -> Int {
        state.withLock { $0.pieces.count { $0.stream == stream } }
    }

    /// Waits until a text has been written.
    func wait(for needle: String) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.text.contains(needle) { return true }
                state.waiting = (needle, continuation)
                return false
            }
            if isThere { continuation.resume() }
        }
    }
}

/// A directory that is removed with everything in it.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        let directory = FileManager.default.temporaryDirectory
            .appending(path: "rust-pro-tests-\(UInt64.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        path = directory.path()
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Copies a crate of Tests/Fixtures/crates into it.
    func crate(_ name: String) throws -> String {
        let copy = "\(path)/\(name)"
        try FileManager.default.copyItem(atPath: "\(Self.fixtures)/\(name)", toPath: copy)
        return copy
    }

    private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../Fixtures/crates").standardized.path()
}
