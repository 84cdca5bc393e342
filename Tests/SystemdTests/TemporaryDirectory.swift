import Foundation

/// A directory of one test, removed with it.
///
/// Its path is short enough for unix sockets.
final class TemporaryDirectory: Sendable {
    private let root = "/tmp/op-agents-\(UUID())"

    init() throws {
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: false)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: root)
    }

    func path(_ name: String) -> String { "\(root)/\(name)" }
}
