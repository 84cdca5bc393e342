import Foundation

/// A directory of one test, removed with it.
final class ScratchDirectory: Sendable {
    let path = "/tmp/op-agents-\(UUID())"

    init() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Writes a file with a mode and returns its path.
    func file(_ name: String, _ content: some Sequence<UInt8>, mode: Int) throws -> String {
        let file = "\(path)/\(name)"
        try Data(content).write(to: URL(filePath: file))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
        return file
    }
}
