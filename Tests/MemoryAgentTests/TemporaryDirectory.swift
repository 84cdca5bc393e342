import Foundation

/// A directory that goes with the test that made it.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "memory-agent-tests-" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The names in it that begin so.
    func names(beginning prefix: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasPrefix(prefix) }
            .sorted()
    }

    /// Copies the files of another directory.
    func copyContents(of other: TemporaryDirectory) throws {
        for name in try other.names(beginning: "") {
            try FileManager.default.copyItem(
                atPath: other.path + "/" + name, toPath: path + "/" + name)
        }
    }
}
