internal import GRPCCore
internal import LinuxIO

/// A connection to a server.
///
/// Belongs to the loop's thread.
final class ClientConnection: Connection {
    private let connector: Connector
    /// New calls go to another connection.
    private(set) var isRetired = false

    init(_ descriptor: consuming OwnedDescriptor, connector: Connector) {
        self.connector = connector
        super.init(
            descriptor, role: .client,
            settings: Nghttp2Session.Settings(
                maximumConcurrentStreams: 0,
                streamWindow: connector.limits.streamWindow,
                maximumHeaderListSize: UInt32(StreamLimits.maximumHeaderListSize)),
            keepalive: connector.configuration.keepalive,
            idleTimeout: connector.configuration.idleTimeout, loop: connector.loop)
    }

    override func drain() {
        // The calls that it was given leave on it: on another connection they would only meet the same.
        flush()
        takeNoMoreCalls()
    }

    /// Leaves further calls to another connection, and ends with the last of its own.
    func takeNoMoreCalls() {
        retire()
        session.goAway()
        flushLater()
    }

    override func sessionDidReceiveGoAway(_ code: HTTP2ErrorCode) {
        // Another connection would only be told the same, and calls that it refused would follow one another.
        if code == .enhanceYourCalm { connector.wasToldToCalmDown(self) }
        retire()
    }

    override func willEnd() {
        retire()
    }

    override func didClose(reason: String) {
        connector.didClose(self)
    }

    private func retire() {
        guard !isRetired else { return }
        isRetired = true
        connector.didRetire(self)
    }
}
