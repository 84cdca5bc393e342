@testable import HTTP2Transport

/// A server's session without a socket: a test gives it frames and looks at those that it answers with.
final class HeadlessServer: SessionDelegate {
    private(set) lazy var session = Nghttp2Session(
        role: .server,
        settings: Nghttp2Session.Settings(
            maximumConcurrentStreams: 100, streamWindow: 1 << 16, maximumHeaderListSize: 1 << 14),
        delegate: self)
    /// Whether streams are opened, and not refused.
    var opensStreams = true
    /// Fields of a block of header fields that are taken before the stream has enough of it.
    var headerLimit = Int.max
    private(set) var openedStreams = 0
    private(set) var closedStreams = 0
    /// Fields that the streams were given.
    fileprivate(set) var fields = 0

    /// What it has sent.
    private(set) var output: [RawFrame] = []

    /// Takes bytes, and sends what there is to send.
    func receive(_ bytes: [UInt8]) throws {
        defer { send() }
        try bytes.withUnsafeBytes { try session.receive($0) }
    }

    func receive(_ frames: [RawFrame]) throws {
        try receive(frames.flatMap(\.bytes))
    }

    /// Takes bytes as a server whose peer reads nothing.
    func receiveWithoutSending(_ frames: [RawFrame]) throws {
        try frames.flatMap(\.bytes).withUnsafeBytes { try session.receive($0) }
    }

    func send() {
        var bytes: [UInt8] = []
        try? session.write(to: &bytes, upTo: .max)
        while let frame = RawFrame.take(from: &bytes) { output.append(frame) }
    }

    /// What the GOAWAY says, where there is one.
    var goAway: RawFrame? { output.first { $0.kind == .goAway } }

    func sessionWillOpenStream(_ id: Int32) -> SessionStream? {
        guard opensStreams else { return nil }
        openedStreams += 1
        return Stream(server: self)
    }

    func sessionDidCloseStream(_ stream: SessionStream) { closedStreams += 1 }

    func sessionDidReceiveGoAway(_ code: HTTP2ErrorCode) {}

    func sessionDidReceiveShutdownPong() {}

    private final class Stream: SessionStream {
        private unowned let server: HeadlessServer
        private var fields = 0

        init(server: HeadlessServer) {
            self.server = server
        }

        override func receiveHeader(
            name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer
        ) -> Bool {
            fields += 1
            server.fields += 1
            return fields <= server.headerLimit
        }
    }
}
