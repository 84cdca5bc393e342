import FoundationEssentials

/// A temporary directory with a configuration, manifests and programs; removed with its last user.
final class ConfigurationFolder {
    let path: String

    init() throws {
        let name = "op-agents-test-\(UUID().uuidString)"
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(name)
        path = directory.path
        try FileManager.default.createDirectory(
            atPath: path + "/bin", withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file and returns its path.
    @discardableResult
    func write(_ name: String, _ text: String, mode: Int = 0o644) throws -> String {
        let file = path + "/" + name
        let parent = file[..<(file.lastIndex(of: "/") ?? file.startIndex)]
        try FileManager.default.createDirectory(
            atPath: String(parent), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
        return file
    }

    /// Writes a program beside the supervisor's.
    func writeProgram(_ name: String) throws {
        try write("bin/" + name, "#!/bin/sh\n", mode: 0o755)
    }

    /// Writes `agents/NAME/agent.toml` and its program.
    func writeAgent(_ name: String, port: Int, more: String = "") throws {
        try writeProgram("op-agent-" + name)
        try write(
            "agents/\(name)/agent.toml",
            "id = \"\(name)\"\nexec = \"op-agent-\(name)\"\nport = \(port)\n" + more)
    }
}
