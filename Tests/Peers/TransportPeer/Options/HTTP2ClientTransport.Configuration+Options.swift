internal import HTTP2Transport

extension HTTP2ClientTransport.Configuration {
    /// Takes the options that are named after its properties.
    ///
    /// - Throws: ``UsageError`` where a value is not of the property's type.
    init(taking options: inout Options) throws(UsageError) {
        self.init()
        try options.set(&maximumMessageSize, from: "maximum-message-size")
        try options.set(&streamWindow, from: "stream-window")
        try options.set(&connectTimeout, from: "connect-timeout")
        try options.set(&authority, from: "authority")
        try compression.set(from: &options)
    }
}
