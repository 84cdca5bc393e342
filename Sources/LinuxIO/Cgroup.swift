private import CLinuxIO
private import Glibc

/// A control group (version 2, cgroups(7)): processes, with all that they start, which cannot leave it without leave.
package final class Cgroup: Sendable {
    /// By which systemd shows whoever runs in a control group that it is theirs to divide (`Delegate=yes`,
    /// systemd.resource-control(5)), as far as their rights go.
    private static let delegationMark = "user.delegate"

    /// Where its directory is.
    package let path: String
    /// Its directory, open.
    package let directory: OwnedDescriptor

    /// Opens one.
    ///
    /// - Parameter path: Its directory.
    /// - Throws: ``SystemError``, ENOENT where there is none.
    package init(path: String) throws(SystemError) {
        self.path = path
        directory = try OwnedDescriptor(
            owning: open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), from: "open \(path)")
    }

    /// The one that the calling process is in.
    ///
    /// - Returns: Nil where version 2 is not mounted, or does not show it.
    /// - Throws: ``SystemError`` where it cannot be opened.
    package static func own() throws(SystemError) -> Cgroup? {
        let path = CgroupMounts.directory(
            membership: ProcFile.text("/proc/self/cgroup"),
            mounts: ProcFile.text("/proc/self/mountinfo"))
        guard let path else { return nil }
        return try Cgroup(path: path)
    }

    /// The last part of its path.
    package var name: Substring { path.split(separator: "/").last ?? "" }

    /// The one that it is in.
    ///
    /// - Throws: ``SystemError`` where it cannot be opened.
    package func parent() throws(SystemError) -> Cgroup {
        try Cgroup(path: String(path.dropLast(name.count + 1)))
    }

    /// Whether it is its processes' own: they may make others in it.
    package var isDelegated: Bool {
        var value: UInt8 = 0
        let length = clinuxio_get_attribute(directory.rawValue, Self.delegationMark, &value, 1)
        return length == 1 && value == UInt8(ascii: "1")
    }

    /// Shows its processes that it is theirs.
    ///
    /// - Throws: ``SystemError``, EOPNOTSUPP on a kernel before 5.7.
    package func delegate() throws(SystemError) {
        var value = UInt8(ascii: "1")
        guard clinuxio_set_attribute(directory.rawValue, Self.delegationMark, &value, 1) == 0 else {
            throw SystemError("mark \(path) as delegated")
        }
    }
}

// MARK: - Those in it

extension Cgroup {
    /// Makes one in it.
    ///
    /// - Parameter name: Without a dot, since its files (`memory.max`) have names with one.
    /// - Returns: The new one.
    /// - Throws: ``SystemError``: EEXIST where there is one, EACCES or EROFS where this process may not.
    package func makeChild(_ name: String) throws(SystemError) -> Cgroup {
        guard mkdir("\(path)/\(name)", 0o755) == 0 else {
            throw SystemError("make the control group \(path)/\(name)")
        }
        return try Cgroup(path: "\(path)/\(name)")
    }

    /// The names of those in it.
    package var children: [String] {
        guard let entries = opendir(path) else { return [] }
        defer { closedir(entries) }
        var names: [String] = []
        while let entry = readdir(entries) {
            guard entry.pointee.d_type == DT_DIR else { continue }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// Removes it with those in it.
    ///
    /// - Throws: ``SystemError``, EBUSY while a process of it runs.
    package func remove() throws(SystemError) {
        for name in children { try Cgroup(path: "\(path)/\(name)").remove() }
        guard rmdir(path) == 0 else { throw SystemError("remove the control group \(path)") }
    }
}

// MARK: - Its processes

extension Cgroup {
    /// Moves the calling process into it, with all of its threads.
    ///
    /// - Throws: ``SystemError``, EBUSY where it hands controllers to those in it.
    package func enter() throws(SystemError) {
        try write("0", to: "cgroup.procs")
    }

    /// Sends SIGKILL to every process in it, none of which can escape by forking.
    ///
    /// - Throws: ``SystemError``, ENOENT on a kernel before 5.14.
    package func kill() throws(SystemError) {
        try write("1", to: "cgroup.kill")
    }

    /// Waits until no process runs in it.
    ///
    /// Blocks.
    ///
    /// - Parameter limit: For so long at most.
    /// - Throws: ``SystemError``, ETIMEDOUT where some run still.
    package func awaitEmptiness(within limit: Duration) throws(SystemError) {
        let file = "\(path)/cgroup.events"
        let events = try OwnedDescriptor(
            owning: open(file, O_RDONLY | O_CLOEXEC), from: "open \(file)")
        let deadline = MonotonicInstant.now + limit
        // Whoever has read it is told of its next change.
        while !Self.isEmpty(events) {
            let left = deadline.since(.now) / .milliseconds(1)
            var change = pollfd(fd: events.rawValue, events: Int16(POLLPRI), revents: 0)
            guard left > 0, poll(&change, 1, CInt(left) + 1) != 0 else {
                throw SystemError("empty the control group \(path)", code: ETIMEDOUT)
            }
        }
    }

    private static func isEmpty(_ events: borrowing OwnedDescriptor) -> Bool {
        var bytes = [UInt8](repeating: 0, count: 256)
        let length = pread(events.rawValue, &bytes, bytes.count, 0)
        let text = String(decoding: bytes.prefix(max(0, length)), as: UTF8.self)
        return text.split(separator: "\n").contains("populated 0")
    }
}

// MARK: - Its files

extension Cgroup {
    /// Reads one of its interface files (`cgroup.controllers`, `memory.events`, ...).
    ///
    /// - Parameter file: Its name.
    /// - Returns: Nothing where the controller is not enabled.
    package func read(_ file: String) -> String { ProcFile.text("\(path)/\(file)") }

    /// Writes to one of its interface files (`memory.max`, `pids.max`, ...).
    ///
    /// - Parameters:
    ///   - value: What it should hold.
    ///   - file: Its name.
    /// - Throws: ``SystemError``, ENOENT where the controller is not enabled.
    package func write(_ value: String, to file: String) throws(SystemError) {
        let descriptor = try OwnedDescriptor(
            owning: openat(directory.rawValue, file, O_WRONLY | O_CLOEXEC),
            from: "open \(path)/\(file)")
        let bytes = Array(value.utf8)
        guard Glibc.write(descriptor.rawValue, bytes, bytes.count) == bytes.count else {
            throw SystemError("write \(value) to \(path)/\(file)")
        }
    }
}
