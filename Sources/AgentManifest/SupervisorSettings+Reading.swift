private import LinuxIO

extension SupervisorSettings {
    /// The longest path that `sockaddr_un` holds with its final zero (unix(7)).
    private static let longestSocketPath = 107

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
        allowed.users = reader.accounts("allowed_users", kind: "user") { text throws(SystemError) in
            try AccountDatabase.userID(of: text)
        }
        allowed.groups = reader.accounts("allowed_groups", kind: "group") {
            text throws(SystemError) in
            try AccountDatabase.groupID(of: text)
        }
        readMetricsAddress(from: reader)
    }

    private mutating func readMetricsAddress(from reader: TableReader) {
        let key = "metrics_address"
        guard let text = reader.text(key) else { return }
        metricsAddress = ["", "off"].contains(text) ? nil : reader.address(text, of: key)
        if let metricsAddress { Self.checkLength(of: metricsAddress, key, in: reader) }
    }

    private mutating func readAddresses(from reader: TableReader) {
        guard let texts = reader.strings("addresses") else { return }
        guard !texts.isEmpty else {
            reader.report(
                "addresses", reason: "there is none", remedy: "write [\"127.0.0.1:50050\"]")
            return
        }
        addresses = texts.compactMap { reader.address($0, of: "addresses") }
        for address in addresses { Self.checkLength(of: address, "addresses", in: reader) }
    }

    private static func checkLength(
        of address: ListenAddress, _ key: String, in reader: TableReader
    ) {
        guard case .unix(let path) = address, path.utf8.count > longestSocketPath else { return }
        reader.report(
            key, reason: "\(path) is longer than the \(longestSocketPath) bytes of a socket",
            remedy: "choose a shorter path")
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

    /// The numbers of users or groups that are listed by name or number.
    fileprivate func accounts(
        _ key: String, kind: String, find: (String) throws(SystemError) -> UInt32?
    ) -> Set<UInt32> {
        var found: Set<UInt32> = []
        for text in stringsOrIntegers(key) ?? [] {
            do throws(SystemError) {
                if let id = try find(text) {
                    found.insert(id)
                } else {
                    report(
                        key, reason: "there is no \(kind) \"\(text)\"",
                        remedy: "create it, or write the name or number of another")
                }
            } catch {
                report(
                    key, reason: "\(error)",
                    remedy: "write its number instead, or repair the system")
            }
        }
        return found
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
