internal import HTTP2Transport

extension HTTP2ServerTransport.Configuration {
    /// Takes the options that are named after its properties.
    ///
    /// - Throws: ``UsageError`` where a value is not of the property's type.
    init(taking options: inout Options) throws(UsageError) {
        self.init()
        // A client that never ends its calls is not waited for.
        gracePeriod = .seconds(1)
        try options.set(&maximumMessageSize, from: "maximum-message-size")
        try options.set(&maximumConcurrentStreams, from: "maximum-concurrent-streams")
        try options.set(&streamWindow, from: "stream-window")
        try options.set(&gracePeriod, from: "grace-period")
        try options.set(&backlog, from: "backlog")
        try options.set(&maximumConnections, from: "maximum-connections")
        try options.set(&handshakeTimeout, from: "handshake-timeout")
        try options.set(&idleTimeout, from: "idle-timeout")
        try options.set(&maximumConnectionAge, from: "maximum-connection-age")
        try options.set(&admittedPeers, from: "admitted-peers", reading: Self.peers)
        try compression.set(from: &options)
    }

    /// `anyone`, or the numbers of users.
    private static func peers(_ text: String) -> HTTP2ServerTransport.PeerPolicy? {
        if text == "anyone" { return .anyone }
        let users = text.split(separator: ",").map { UInt32($0) }
        guard !users.contains(nil) else { return nil }
        return .users(Set(users.compactMap(\.self)))
    }
}
