private import CLinuxIO
private import Glibc

extension OwnedDescriptor {
    /// O_PATH of open(2): the descriptor only names a file.
    package static var pathOnly: CInt { clinuxio_o_path }

    /// Opens a path that must not lead out of a directory, in one step of the kernel's, so that nobody can change the
    /// tree between a check and the use (openat2(2), RESOLVE_BENEATH).
    ///
    /// - Parameters:
    ///   - path: Relative to the directory.
    ///   - directory: An open directory.
    ///   - flags: As open(2); O_CLOEXEC is added.
    ///   - mode: The permissions of a file that is created.
    /// - Returns: The descriptor.
    /// - Throws: ``SystemError``, EXDEV where the path leads out.
    package static func open(
        _ path: String, beneath directory: borrowing OwnedDescriptor, flags: CInt, mode: UInt32 = 0
    ) throws(SystemError) -> OwnedDescriptor {
        let flags = flags | O_CLOEXEC
        var attempts = 0
        while true {
            let result = clinuxio_open_beneath(directory.rawValue, path, flags, mode)
            // A rename somewhere in the system raced with a ".." of the path: the kernel asks to try again.
            if result < 0, errno == EAGAIN || errno == EINTR, attempts < 64 {
                attempts += 1
                continue
            }
            return try OwnedDescriptor(owning: result, from: "open \(path)")
        }
    }
}
