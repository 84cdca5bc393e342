internal import GRPCCore
internal import Glibc
internal import HTTP2Transport
internal import LinuxIO

/// A client with two calls under way; each input is what a server sends it.
final class ClientUnderFuzz: Sendable {
    static let shared = FuzzFailure.ending { try ClientUnderFuzz() }

    private let loop: EventLoop
    private let listener: ListeningSocket
    /// Readable once the calls have ended.
    private let ended: EventFD

    private init() throws {
        loop = try EventLoop(name: "client")
        listener = try ListeningSocket.bind(to: .unix(path: FuzzFailure.socketPath()))
        ended = try EventFD()
    }

    func run(_ input: UnsafeRawBufferPointer) {
        var configuration = HTTP2ClientTransport.Configuration()
        configuration.maximumMessageSize = 1 << 14
        configuration.compression = MessageCompression(enabledAlgorithms: [.none, .gzip])
        let transport = HTTP2ClientTransport(
            target: listener.localAddress, configuration: configuration, eventLoop: loop)
        Task(executorPreference: loop) { [self] in
            async let unary = transport.unary(
                request: ClientRequest(message: [1, 2, 3]), descriptor: Self.unary)
            async let streaming: Void = Self.stream(over: transport)
            _ = await (unary, streaming)
            transport.beginGracefulShutdown()
            ended.signal()
        }
        var answer: [UInt8]? = RawBytes(input).bytes
        while waitsForConnection() {
            FuzzFailure.ending {
                guard let descriptor = try listener.accept() else { return }
                // A call that was not processed comes again: there is nobody then.
                BlockingSocket(descriptor).exchange(answer.take() ?? [])
            }
        }
        ended.clear()
    }

    /// Waits until the client connects.
    ///
    /// - Returns: False where its calls have ended before.
    private func waitsForConnection() -> Bool {
        var entries = [listener.descriptor.rawValue, ended.descriptor.rawValue].map {
            pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
        }
        _ = poll(&entries, nfds_t(entries.count), -1)
        return entries[1].revents == 0
    }

    private static func stream(over transport: HTTP2ClientTransport) async {
        try? await transport.withStream(descriptor: Self.streaming, options: .defaults) {
            stream, _ in
            try await stream.outbound.write(.metadata(["key": "value"]))
            try await stream.outbound.write(.message([4, 5]))
            for try await _ in stream.inbound {}
            await stream.outbound.finish()
        }
    }

    private static let unary = MethodDescriptor(
        fullyQualifiedService: "test.Fuzz", method: "Direct", type: .unary)
    private static let streaming = MethodDescriptor(
        fullyQualifiedService: "test.Fuzz", method: "Stream", type: .bidirectionalStreaming)
}
