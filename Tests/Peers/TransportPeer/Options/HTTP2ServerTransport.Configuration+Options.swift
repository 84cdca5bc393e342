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
        try compression.set(from: &options)
    }
}
