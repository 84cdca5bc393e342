import Glibc

/// Whose a file is, and who may do what with it.
struct FileFacts {
    /// The permission bits.
    let mode: UInt32
    let owner: UInt32

    /// Looks at a file; fails where there is none, or it cannot be looked at.
    ///
    /// - Parameter path: The file.
    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        mode = UInt32(status.st_mode) & 0o7777
        owner = status.st_uid
    }
}
