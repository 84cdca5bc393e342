package import LinuxIO

extension HTTP2ServerTransport {
    /// Gives a connection that somebody else accepted back if its peer may call here.
    ///
    /// One whose peer may not is served here, so that its calls are answered with the reason, like
    /// those of the transport's own connections; one that comes while the transport does not listen is
    /// closed. Belongs to the event loop's thread.
    ///
    /// - Parameters:
    ///   - connection: A TCP connection.
    ///   - admitted: Gets it back, at once or later, on the loop's thread.
    package func screen(
        _ connection: consuming OwnedDescriptor,
        admitted: @escaping (consuming OwnedDescriptor) -> Void
    ) {
        acceptor.screen(connection, admitted: admitted)
    }
}
