internal import FoundationEssentials

/// Finds the manifests of a directory: `*.toml` in it and `agent.toml` in its folders.
struct ManifestFiles {
    /// The paths of a directory's manifests, in order; none if the directory does not exist.
    ///
    /// - Parameter directory: The directory to look in.
    /// - Returns: Absolute paths if the directory's is.
    static func find(in directory: String) -> [String] {
        let files = FileManager.default
        guard let names = try? files.contentsOfDirectory(atPath: directory) else { return [] }
        return names.sorted().compactMap { name in
            guard !name.hasPrefix(".") else { return nil }
            let path = directory + "/" + name
            if name.hasSuffix(".toml") { return path }
            let nested = path + "/agent.toml"
            return files.fileExists(atPath: nested) ? nested : nil
        }
    }

    /// Whether there is a directory to look in.
    static func isDirectory(_ path: String) -> Bool {
        var isDirectory = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
            && isDirectory
    }
}
