private import FoundationEssentials
private import Glibc
private import LinuxIO
package import Supervision

/// Keeps sessions in files: the sessions in the runtime directory, which a reboot clears, and what was
/// learned from them in the state directory.
package struct SessionFiles: SessionStoring {
    private let sessionsPath: String
    private let prewarmPath: String
    private let bootID: String

    /// A table of sessions means something on one boot of the machine only, since its times count
    /// from there.
    private struct Saved: Codable {
        let bootID: String
        let table: SessionTable
    }

    /// Names the directories, which exist.
    ///
    /// - Parameters:
    ///   - runtimeDirectory: Gets `sessions.json`.
    ///   - stateDirectory: Gets `prewarm.json`.
    package init(runtimeDirectory: String, stateDirectory: String) {
        sessionsPath = runtimeDirectory + "/sessions.json"
        prewarmPath = stateDirectory + "/prewarm.json"
        bootID =
            (try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)) ?? ""
    }

    package func loadSessions() -> SessionTable? {
        guard let saved: Saved = load(sessionsPath), saved.bootID == bootID else { return nil }
        return saved.table
    }

    package func loadPrewarming() -> PrewarmPolicy? { load(prewarmPath) }

    package func save(_ table: SessionTable) throws {
        try save(Saved(bootID: bootID, table: table), to: sessionsPath)
    }

    package func save(_ policy: PrewarmPolicy) throws { try save(policy, to: prewarmPath) }

    /// A file that is damaged counts as one that is not there: nothing in it is worth not starting for.
    private func load<Value: Decodable>(_ path: String) -> Value? {
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: path)) else { return nil }
        return try? JSONDecoder().decode(Value.self, from: data)
    }

    /// Writes a file as a whole or not at all: to another name first.
    private func save(_ value: some Encodable, to path: String) throws {
        let bytes = Array(try JSONEncoder().encode(value))
        let temporary = path + ".new"
        do {
            let flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC
            let file = try OwnedDescriptor(
                owning: open(temporary, flags, 0o600), from: "create \(temporary)")
            guard write(file.rawValue, bytes, bytes.count) == bytes.count else {
                throw SystemError("write \(temporary)")
            }
        }
        guard rename(temporary, path) == 0 else { throw SystemError("replace \(path)") }
    }
}
