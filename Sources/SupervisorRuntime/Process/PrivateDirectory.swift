private import Glibc
package import LinuxIO

/// A directory that is this user's alone.
package enum PrivateDirectory {
    /// Makes a directory and those above it, where they do not exist, and closes it to others.
    ///
    /// - Parameter path: An absolute path.
    /// - Throws: ``SystemError``: EACCES where it belongs to somebody else, ENOTDIR where it is
    ///   something else or a symbolic link.
    package static func make(_ path: String) throws(SystemError) {
        var end = path.startIndex
        while end < path.endIndex {
            end = path[path.index(after: end)...].firstIndex(of: "/") ?? path.endIndex
            let part = String(path[..<end])
            guard mkdir(part, 0o700) == 0 || errno == EEXIST else {
                throw SystemError("make the directory \(part)")
            }
        }
        var status = stat()
        // Under /tmp anybody may have put something of that name there before.
        guard lstat(path, &status) == 0 else { throw SystemError("look at \(path)") }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw SystemError("use \(path)", code: ENOTDIR)
        }
        guard status.st_uid == geteuid() else { throw SystemError("use \(path)", code: EACCES) }
        guard status.st_mode & 0o077 == 0 || chmod(path, 0o700) == 0 else {
            throw SystemError("close \(path) to other users")
        }
    }
}
