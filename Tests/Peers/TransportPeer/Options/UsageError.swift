/// A command line that cannot be understood.
struct UsageError: Error, CustomStringConvertible {
    let reason: String

    var description: String {
        """
        cannot run transport-peer: \(reason)
            transport-peer serve [--address ADDRESS]... [--PROPERTY VALUE]...
            transport-peer call CASE ADDRESS [--PROPERTY VALUE]...
            transport-peer outcomes ADDRESS [--calls N] [--at-once N] [--payload BYTES] [--PROPERTY VALUE]...
            transport-peer work ADDRESS [--PROPERTY VALUE]...
        ADDRESS is 127.0.0.1:50052, [::1]:50052 or unix:/path; PROPERTY is one of the transport's configuration.
        """
    }
}
