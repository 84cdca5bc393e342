extension SupervisorSettings {
    /// The longest path that `sockaddr_un` holds with its final zero (unix(7)).
    private static let longestSocketPath = 107

    /// Keys that this version cannot act on, and what holds instead: who sets one relies on it.
    private static let unsupported = [
        ("allowed_users", openToAll), ("allowed_groups", openToAll),
        ("metrics_address", "this version does not serve metrics"),
    ]
    private static let openToAll =
        "this version does not enforce it: every local user who can reach the ports can call the agents"

    /// Reads the `[supervisor]` table; what is not said stays as it is.
    ///
    /// The directories of manifests are not kept here: they matter only while the configuration is
    /// read.
    mutating func read(from reader: TableReader) {
        let defaults = directories
        directories.state = reader.path("state_dir") ?? defaults.state
        directories.runtime = reader.path("runtime_dir") ?? defaults.runtime
        if directories != defaults { self = Self(directories: directories) }
        readAddresses(from: reader)
        for (key, reason) in Self.unsupported {
            reader.refuse(key, reason: reason, remedy: "remove the key")
        }
    }

    private mutating func readAddresses(from reader: TableReader) {
        guard let texts = reader.strings("addresses") else { return }
        guard !texts.isEmpty else {
            reader.report(
                "addresses", reason: "there is none", remedy: "write [\"127.0.0.1:50050\"]")
            return
        }
        addresses = texts.compactMap { reader.address($0, of: "addresses") }
        for case .unix(let path) in addresses where path.utf8.count > Self.longestSocketPath {
            reader.report(
                "addresses",
                reason: "\(path) is longer than the \(Self.longestSocketPath) bytes of a socket",
                remedy: "choose a shorter path")
        }
    }
}

extension TableReader {
    /// A path that does not depend on the working directory.
    fileprivate func path(_ key: String) -> String? {
        guard let path = string(key) else { return nil }
        guard path.hasPrefix("/") else {
            report(key, reason: "\"\(path)\" is not absolute", remedy: "start it with /")
            return nil
        }
        return path
    }

    fileprivate func address(_ text: String, of key: String) -> ListenAddress? {
        guard let address = ListenAddress(text) else {
            report(
                key, reason: "\"\(text)\" is not an address",
                remedy: "write it as \"127.0.0.1:50050\" or \"unix:/PATH\"")
            return nil
        }
        return address
    }
}
