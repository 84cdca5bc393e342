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
                streamWindow: Int32(clamping: connector.configuration.streamWindow),
                maximumHeaderListSize: UInt32(StreamLimits.maximumHeaderListSize)),
            loop: connector.loop)
    }

    /// Ends once its calls have.
    func drain() {
        retire()
        session.goAway()
        flushLater()
    }

    override func sessionDidReceiveGoAway(_ code: HTTP2ErrorCode) {
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
