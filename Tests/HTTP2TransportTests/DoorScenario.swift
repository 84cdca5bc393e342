import GRPCCore
import LinuxIO
import Testing

@testable import HTTP2Transport

/// Something that a client and a server do with each other, whichever doors the calls take.
struct DoorScenario: Sendable, CustomTestStringConvertible {
    /// What a scenario acts on.
    struct Ends: Sendable {
        let server: DoorServer
        let client: DoorClient
        let sightings: Sightings
        /// Ends a side at once.
        let stopServer: @Sendable () -> Void
        let stopClient: @Sendable () -> Void

        /// Makes a call whose handler ``DoorScenario/waitToBeCancelled`` is, does something while it runs, and waits
        /// until the handler has noticed.
        func interrupt(
            options: CallOptions = .defaults, metadata: Metadata = [:],
            by action: @Sendable (Task<CallOutcome, Never>) -> Void = { _ in }
        ) async -> [CallOutcome] {
            let call = Task { await client.call(metadata: metadata, options: options) }
            await sightings.wait(for: "started")
            action(call)
            await sightings.wait(for: "cancelled")
            return [await call.value]
        }
    }

    /// What came of it, on both ends.
    struct Report: Equatable {
        var outcomes: [CallOutcome]
        var sightings: [String]
    }

    typealias Act = @concurrent @Sendable (Ends) async throws -> [CallOutcome]

    let testDescription: String
    /// How its calls end.
    let codes: [Status.Code]
    var server = HTTP2ServerTransport.Configuration()
    var client = HTTP2ClientTransport.Configuration()
    var deserializer = FailingCoder()
    var serializer = FailingCoder()
    /// False where the transport or GRPCCore words the error.
    var comparesTexts = true
    var handler: DoorHandler = DoorScenario.echo
    let act: Act

    /// A scenario whose handler is ``echo``.
    ///
    /// Apart from the other one, so that a trailing closure is the act.
    init(
        testDescription: String, codes: [Status.Code],
        client: HTTP2ClientTransport.Configuration = .init(),
        server: HTTP2ServerTransport.Configuration = .init(), comparesTexts: Bool = true,
        act: @escaping Act
    ) {
        self.testDescription = testDescription
        self.codes = codes
        self.client = client
        self.server = server
        self.comparesTexts = comparesTexts
        self.act = act
    }

    init(
        testDescription: String, codes: [Status.Code],
        server: HTTP2ServerTransport.Configuration = .init(),
        serializer: FailingCoder = FailingCoder(), deserializer: FailingCoder = FailingCoder(),
        comparesTexts: Bool = true, handler: @escaping DoorHandler = DoorScenario.echo,
        act: @escaping Act = { [await $0.client.call()] }
    ) {
        self.testDescription = testDescription
        self.codes = codes
        self.server = server
        self.serializer = serializer
        self.deserializer = deserializer
        self.comparesTexts = comparesTexts
        self.handler = handler
        self.act = act
    }

    func run(_ serverDoor: ServerDoor, _ clientDoor: ClientDoor) async throws -> Report {
        let loop = try EventLoop(name: "test")
        defer { loop.stop() }
        let sightings = Sightings()
        let server = try DoorServer(
            serverDoor, configuration: server, serializer: serializer, deserializer: deserializer,
            sightings: sightings, loop: loop, handler: handler)
        let client = DoorClient(
            clientDoor,
            over: HTTP2ClientTransport(
                target: server.address, configuration: client, eventLoop: loop))
        let serving = Task { try await server.serve() }
        let connecting = Task { try await client.runConnections() }
        let ends = Ends(
            server: server, client: client, sightings: sightings,
            stopServer: { serving.cancel() }, stopClient: { connecting.cancel() })
        do {
            var outcomes = try await act(ends)
            // Both sides end by themselves: no call is left on either.
            client.beginGracefulShutdown()
            server.server.beginGracefulShutdown()
            try await connecting.value
            try await serving.value
            if !comparesTexts {
                for index in outcomes.indices { outcomes[index].text = "" }
            }
            return Report(outcomes: outcomes, sightings: sightings.all)
        } catch {
            serving.cancel()
            connecting.cancel()
            throw error
        }
    }
}

// MARK: Handlers

extension DoorScenario {
    /// Answers with the message, and metadata of all kinds; records all that it sees.
    static let echo: DoorHandler = { request, context, sightings in
        sightings.record(
            "request of \(request.message.count) bytes with \(CallOutcome.list(request.metadata))")
        let left = context.http2?.deadline.map { ContinuousClock.now.duration(to: $0) }
        sightings.record(
            """
            context: \(context.descriptor), type \(String(describing: context.descriptor.type)), \
            from \(context.remotePeer.prefix { $0 != "." }), at \(context.localPeer.prefix { $0 != "." }), \
            user \(String(describing: context.http2?.peer?.userID)), \
            deadline within an hour: \(left.map { $0 > .seconds(3000) && $0 <= .seconds(3600) } ?? false), \
            \(context.http2?.compressedRequestMessages ?? -1) compressed, \
            cancelled: \(context.cancellation.isCancelled), \(Task.isCancelled)
            """)
        return ServerResponse(
            message: request.message,
            metadata: [
                "initial": "one", "initial": "two", "initial-bin": .binary([0, 255]),
                "initial-bin": .binary([1]),
            ],
            trailingMetadata: [
                "trailing": "one", "trailing": "two", "trailing-bin": .binary([2, 254]),
            ])
    }

    /// Runs until it is cancelled, and records in which ways it was.
    static let waitToBeCancelled: DoorHandler = { _, context, sightings in
        await withRPCCancellationHandler {
            sightings.record("started")
            try? await Task.sleep(for: .seconds(3600))
            sightings.record(
                "task cancelled: \(Task.isCancelled), call: \(context.cancellation.isCancelled)")
            sightings.record("cancelled")
        } onCancelRPC: {
            sightings.record("cancellation handler called")
        }
        throw RPCError(code: .dataLoss, message: "nobody waits for this")
    }

    /// Runs until the test lets it go on.
    static let waitToBeReleased: DoorHandler = { request, context, sightings in
        sightings.record("started")
        await sightings.wait(for: "released")
        return try await echo(request, context, sightings)
    }
}
