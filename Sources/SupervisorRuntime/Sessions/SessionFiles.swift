private import Dispatch
private import FoundationEssentials
private import Glibc
private import LinuxIO
package import Supervision

/// Keeps sessions in files: one of each session in the runtime directory, which a reboot clears, and
/// what was learned from them in the state directory.
///
/// They are written one after the other on a thread of their own: encoding and writing would hold up
/// the event loop.
package struct SessionFiles: SessionStoring {
    private let directory: String
    private let prewarmPath: String
    private let bootID: String
    private let queue = DispatchQueue(label: "op-agents.session-files")

    /// A session means something on one boot of the machine only, since its times count from there.
    private struct Saved: Codable {
        let bootID: String
        let session: Session
    }

    /// Names the directories, which exist.
    ///
    /// - Parameters:
    ///   - runtimeDirectory: Gets `sessions/ID.json`.
    ///   - stateDirectory: Gets `prewarm.json`.
    package init(runtimeDirectory: String, stateDirectory: String) {
        directory = runtimeDirectory + "/sessions"
        prewarmPath = stateDirectory + "/prewarm.json"
        bootID =
            (try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)) ?? ""
    }

    package func loadSessions() -> [Session] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return names.filter { $0.hasSuffix(".json") }.compactMap { name in
            let path = "\(directory)/\(name)"
            guard let saved: Saved = load(path), saved.bootID == bootID,
                path == self.path(of: saved.session.id)
            else {
                // Nobody would ever end it.
                unlink(path)
                return nil
            }
            return saved.session
        }
    }

    package func loadPrewarming() -> PrewarmPolicy? { load(prewarmPath) }

    package func save(
        _ changes: SessionChanges, failed: @escaping @Sendable (any Error) -> Void
    ) {
        queue.async {
            func attempt(_ body: () throws -> Void) {
                do { try body() } catch { failed(error) }
            }
            for id in changes.ended { attempt { try remove(path(of: id)) } }
            // Where it cannot be made the files in it say so.
            if !changes.sessions.isEmpty { mkdir(directory, 0o700) }
            for session in changes.sessions {
                attempt {
                    try save(Saved(bootID: bootID, session: session), to: path(of: session.id))
                }
            }
            if let policy = changes.prewarming { attempt { try save(policy, to: prewarmPath) } }
        }
    }

    package func whenSaved(_ body: @escaping @Sendable () -> Void) { queue.async(execute: body) }

    package func finish() { queue.sync {} }

    /// The letters of a session's name are safe in a file's, and "." and ".." get the suffix.
    private func path(of id: SessionID) -> String { "\(directory)/\(id.rawValue).json" }

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

    private func remove(_ path: String) throws {
        guard unlink(path) == 0 || errno == ENOENT else { throw SystemError("remove \(path)") }
    }
}
