extension ClientSettings {
    /// Reads the `[client]` table; what is not said stays as it is.
    mutating func read(from reader: TableReader) {
        if let text = reader.string("address") {
            if Self.isAddress(text) {
                address = text
            } else {
                reader.report(
                    "address", reason: "\"\(text)\" is not an address",
                    remedy: "write it as \"http://127.0.0.1:50051\" or \"unix:/PATH\"")
            }
        }
        connectTimeout = reader.milliseconds("connect_timeout_ms") ?? connectTimeout
        requestTimeout = reader.milliseconds("request_timeout_ms") ?? requestTimeout
        maxRetries = reader.integer("max_retries", in: 0...100) ?? maxRetries
        poolConnections = reader.boolean("pool_connections") ?? poolConnections
        reader.reportUnknownKeys()
    }

    /// The address without its scheme.
    package var target: ListenAddress? { ListenAddress(Self.withoutScheme(address)) }

    private static func isAddress(_ text: String) -> Bool {
        ListenAddress(withoutScheme(text)) != nil
    }

    private static func withoutScheme(_ text: String) -> String {
        guard text.hasPrefix("http://") else { return text }
        let address = text.dropFirst("http://".count)
        return String(address.hasSuffix("/") ? address.dropLast() : address)
    }
}

extension TableReader {
    fileprivate func milliseconds(_ key: String) -> Duration? {
        integer(key, in: 1...86_400_000).map { .milliseconds($0) }
    }
}
