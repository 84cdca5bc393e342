internal import AgentRuntime
private import Glibc

/// The directory of a crate or workspace that a call names.
struct CargoProject: Sendable, Hashable {
    /// An absolute path without symbolic links.
    let directory: String

    /// Finds a project.
    ///
    /// - Parameters:
    ///   - path: A directory at or below a `Cargo.toml`, or that file itself.
    ///   - paths: Keeps it within the allowed roots.
    /// - Throws: ``OperationError/Code/failedPrecondition`` where there is no `Cargo.toml`, and what `paths` says.
    init(at path: String, within paths: PathConfinement) throws(OperationError) {
        var directory = try paths.resolve(path)
        if directory.hasSuffix("/Cargo.toml") { directory = directory.parentDirectory }
        guard Self.isDirectory(directory) else {
            throw OperationError(
                .invalidArgument,
                "cannot use the path \(path): it is not a directory; send the directory of a Cargo.toml"
            )
        }
        guard Self.hasManifest(atOrAbove: directory, within: paths) else {
            throw OperationError(
                .failedPrecondition,
                "cannot run cargo in \(path): there is no Cargo.toml in it or above it within the allowed directories; "
                    + "send the directory of a crate, or make one there with `cargo init`")
        }
        self.directory = directory
    }

    private static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Whether cargo finds a manifest without leaving the allowed roots.
    private static func hasManifest(
        atOrAbove directory: String, within paths: PathConfinement
    ) -> Bool {
        var directory = directory
        while (try? paths.resolve(directory)) != nil {
            if access("\(directory)/Cargo.toml", F_OK) == 0 { return true }
            if directory == "/" { return false }
            directory = directory.parentDirectory
        }
        return false
    }
}

extension String {
    /// The directory that holds what an absolute path names.
    fileprivate var parentDirectory: String {
        guard let slash = lastIndex(of: "/"), slash > startIndex else { return "/" }
        return String(self[..<slash])
    }
}
