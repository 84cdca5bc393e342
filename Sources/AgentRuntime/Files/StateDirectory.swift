private import Glibc
package import LinuxIO

/// Where an agent keeps its state: a directory of its own, readable by its user alone.
package enum StateDirectory {
    /// The path of an agent's state directory.
    ///
    /// The first of: the one given; `OP_AGENT_STATE_DIR`, from the supervisor; below `STATE_DIRECTORY`, from systemd;
    /// below `$XDG_STATE_HOME/op-agents`; below `~/.local/state/op-agents`.
    ///
    /// - Parameters:
    ///   - given: From the command line.
    ///   - agentID: Names the directory, except where the whole path is given.
    ///   - environment: Of the process.
    ///   - home: The user's home directory.
    /// - Returns: The path, absolute unless `given` is relative.
    package static func path(
        given: String?, agentID: String, environment: [String: String], home: String
    ) -> String {
        func value(_ name: String) -> String? {
            // A relative path in one of these is invalid (XDG Base Directory Specification).
            environment[name].flatMap { $0.hasPrefix("/") ? $0 : nil }
        }
        if let given { return given }
        if let own = value("OP_AGENT_STATE_DIR") { return own }
        // systemd separates several directories by colons; the first is the service's own.
        if let service = value("STATE_DIRECTORY")?.split(separator: ":").first {
            return "\(service)/\(agentID)"
        }
        let base = value("XDG_STATE_HOME") ?? "\(home)/.local/state"
        return "\(base)/op-agents/\(agentID)"
    }

    /// Makes the directory and those above it, where they do not exist, for their user alone.
    ///
    /// One that exists keeps its mode, since it may be somebody's home; one that others may write to is refused.
    ///
    /// - Parameter path: The directory.
    /// - Throws: `SystemError`, EACCES where it belongs to somebody else, EPERM where others may write to it.
    package static func make(_ path: String) throws(SystemError) {
        var end = path.startIndex
        while end < path.endIndex {
            end = path[path.index(after: end)...].firstIndex(of: "/") ?? path.endIndex
            let directory = String(path[..<end])
            guard mkdir(directory, 0o700) == 0 || errno == EEXIST else {
                throw SystemError("make the state directory \(directory)")
            }
        }
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw SystemError("look at the state directory \(path)")
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw SystemError("use the state directory \(path)", code: ENOTDIR)
        }
        if status.st_mode & 0o022 != 0 {
            throw SystemError("keep state in \(path), which other users can write to", code: EPERM)
        }
        guard access(path, W_OK | X_OK) == 0 else {
            throw SystemError("write to the state directory \(path)")
        }
    }
}
