private import Glibc
internal import LinuxIO

/// Keeps a second supervisor out of a directory; let go when this process ends, however it does.
final class DirectoryLock: Sendable {
    private let file: OwnedDescriptor

    /// Takes the lock of a directory (flock(2) on `supervisor.lock` in it).
    ///
    /// - Parameters:
    ///   - directory: The directory, which exists.
    ///   - key: The configuration's key that would name another.
    /// - Throws: ``SupervisorStartError`` that names the process that has it.
    init(_ directory: String, key: String) throws(SupervisorStartError) {
        let path = directory + "/supervisor.lock"
        do {
            file = try OwnedDescriptor(
                owning: open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600), from: "open \(path)")
        } catch {
            throw SupervisorStartError(["\(error); make it accessible or set \(key)"])
        }
        guard flock(file.rawValue, LOCK_EX | LOCK_NB) == 0 else {
            let holder = Self.readHolder(file.rawValue)
            throw SupervisorStartError([
                "cannot use \(directory): another supervisor\(holder) uses it; stop that one or set "
                    + key
            ])
        }
        let pid = Array("\(getpid())\n".utf8)
        // For whoever fails to get the lock; without it the lock holds all the same.
        _ = ftruncate(file.rawValue, 0)
        _ = pwrite(file.rawValue, pid, pid.count, 0)
    }

    private static func readHolder(_ descriptor: CInt) -> String {
        var text = [UInt8](repeating: 0, count: 16)
        let length = pread(descriptor, &text, text.count, 0)
        let pid = String(decoding: text.prefix(max(0, length)), as: UTF8.self)
            .split(separator: "\n").first
        return pid.map { " (pid \($0))" } ?? ""
    }
}
