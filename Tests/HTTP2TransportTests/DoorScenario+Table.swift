import GRPCCore

@testable import HTTP2Transport

extension DoorScenario {
    static let all = successes + failures + limits + endings

    private static let odd: Metadata = [
        "text": "value", "text": "second", "empty": "", "bytes-bin": .binary([0, 255, 7]),
        "bytes-bin": .binary([]), "UPPER": "case",
    ]

    private static func options(
        _ change: (inout CallOptions) -> Void
    ) -> CallOptions {
        var options = CallOptions.defaults
        change(&options)
        return options
    }

    // MARK: What succeeds

    private static let successes: [DoorScenario] =
        [0, 1, 16_384, 65_536, 300_000, 4 << 20].map { size in
            DoorScenario(testDescription: "message of \(size) bytes", codes: [.ok]) { ends in
                [await ends.client.call((0..<size).map { UInt8(truncatingIfNeeded: $0) })]
            }
        } + [
            DoorScenario(testDescription: "metadata", codes: [.ok]) { ends in
                [await ends.client.call(metadata: odd)]
            },
            DoorScenario(testDescription: "deadline in the metadata", codes: [.ok]) { ends in
                [await ends.client.call(metadata: ["grpc-timeout": "3600S"])]
            },
            DoorScenario(testDescription: "deadline in the options", codes: [.ok]) { ends in
                [await ends.client.call(options: options { $0.timeout = .seconds(3600) })]
            },
            DoorScenario(
                testDescription: "gzip by default", codes: [.ok], client: client(.gzip),
                server: server(.gzip)
            ) { ends in
                [await ends.client.call([UInt8](repeating: 0, count: 100_000))]
            },
            DoorScenario(
                testDescription: "gzip as the options say", codes: [.ok, .ok], client: client(.none)
            ) { ends in
                let message = [UInt8](repeating: 0, count: 100_000)
                return [
                    await ends.client.call(message, options: options { $0.compression = .gzip }),
                    await ends.client.call(message),
                ]
            },
            DoorScenario(testDescription: "several calls", codes: [.ok, .ok, .ok]) { ends in
                [
                    await ends.client.call([1]), await ends.client.call([2]),
                    await ends.client.call([3]),
                ]
            },
        ]

    private static func server(
        _ algorithm: CompressionAlgorithm
    ) -> HTTP2ServerTransport.Configuration {
        var configuration = HTTP2ServerTransport.Configuration()
        configuration.compression.defaultAlgorithm = algorithm
        return configuration
    }

    private static func client(
        _ algorithm: CompressionAlgorithm
    ) -> HTTP2ClientTransport.Configuration {
        var configuration = HTTP2ClientTransport.Configuration()
        configuration.compression = MessageCompression(
            enabledAlgorithms: [.none, .gzip], defaultAlgorithm: algorithm)
        return configuration
    }

    // MARK: What fails

    private struct Unspecific: Error {}

    private struct Convertible: RPCErrorConvertible, Error {
        var rpcErrorCode: RPCError.Code { .outOfRange }
        var rpcErrorMessage: String { "beyond the end, naïvely" }
        var rpcErrorMetadata: Metadata { ["why-bin": .binary([9])] }
        var rpcErrorCause: (any Error)? { nil }
    }

    private static let specific = RPCError(
        code: .alreadyExists, message: "100 % there\nalready",
        metadata: ["why": "one", "why": "two", "why-bin": .binary([1, 2])])

    private static let errors: [(name: String, error: any Error, code: Status.Code)] = [
        ("an RPCError", specific, .alreadyExists),
        ("a convertible error", Convertible(), .outOfRange),
        ("another error", Unspecific(), .unknown),
    ]

    private static let failures: [DoorScenario] =
        errors.flatMap { name, error, code in
            [
                DoorScenario(testDescription: "handler throws \(name)", codes: [code]) { _, _, _ in
                    throw error
                },
                DoorScenario(
                    testDescription: "server's deserializer throws \(name)", codes: [code],
                    deserializer: FailingCoder(error: error)),
                DoorScenario(
                    testDescription: "server's serializer throws \(name)", codes: [code],
                    serializer: FailingCoder(error: error), comparesTexts: code != .unknown),
                DoorScenario(
                    testDescription: "client's serializer throws \(name)", codes: [code],
                    comparesTexts: code != .unknown
                ) {
                    [await $0.client.call(serializer: FailingCoder(error: error))]
                },
                DoorScenario(
                    testDescription: "client's deserializer throws \(name)", codes: [code]
                ) {
                    [await $0.client.call(deserializer: FailingCoder(error: error))]
                },
            ]
        } + [
            DoorScenario(testDescription: "handler returns a failure", codes: [.alreadyExists]) {
                _, _, _ in ServerResponse(error: specific)
            },
            DoorScenario(
                testDescription: "metadata that cannot travel from the client",
                codes: [.internalError]
            ) { [await $0.client.call(metadata: ["te": "nothing"])] },
            DoorScenario(
                testDescription: "metadata that cannot travel from the server",
                codes: [.internalError]
            ) { request, _, _ in
                ServerResponse(message: request.message, metadata: ["te": "nothing"])
            },
            DoorScenario(
                testDescription: "trailing metadata that cannot travel", codes: [.internalError]
            ) { request, _, _ in
                ServerResponse(
                    message: request.message, metadata: ["initial": "one"],
                    trailingMetadata: ["te": "nothing"])
            },
            DoorScenario(
                testDescription: "metadata of an error that cannot travel", codes: [.internalError]
            ) { _, _, _ in
                throw RPCError(code: .aborted, message: "no", metadata: ["te": "nothing"])
            },
            DoorScenario(testDescription: "unknown method", codes: [.unimplemented]) {
                [await $0.client.call(method: EchoService.missing)]
            },
        ]

    // MARK: Limits

    private static let limits: [DoorScenario] = [
        DoorScenario(
            testDescription: "request over the server's limit", codes: [.resourceExhausted, .ok]
        ) { ends in
            [
                await ends.client.call([UInt8](repeating: 1, count: (4 << 20) + 1)),
                await ends.client.call(),
            ]
        },
        DoorScenario(
            testDescription: "request over the server's limit once it is decompressed",
            codes: [.resourceExhausted, .ok], client: client(.gzip)
        ) { ends in
            [
                await ends.client.call([UInt8](repeating: 1, count: (4 << 20) + 1)),
                await ends.client.call(),
            ]
        },
        DoorScenario(
            testDescription: "response over the client's limit", codes: [.resourceExhausted, .ok]
        ) { request, context, _ in
            let size = request.message.isEmpty ? 1 : (4 << 20) + 1
            return ServerResponse(
                message: [UInt8](repeating: 1, count: size), metadata: ["initial": "one"])
        } act: { ends in
            [await ends.client.call([1]), await ends.client.call([])]
        },
        DoorScenario(
            testDescription: "response over the call's own limit", codes: [.resourceExhausted]
        ) { ends in
            [await ends.client.call([1, 2], options: options { $0.maxResponseMessageBytes = 1 })]
        },
        DoorScenario(
            testDescription: "request over the call's own limit", codes: [.resourceExhausted, .ok]
        ) { ends in
            [
                await ends.client.call([1, 2], options: options { $0.maxRequestMessageBytes = 1 }),
                await ends.client.call([1]),
            ]
        },
        DoorScenario(
            testDescription: "request with too much metadata", codes: [.resourceExhausted],
            comparesTexts: false
        ) { ends in
            [
                await ends.client.call(metadata: [
                    "long": .string(String(repeating: "x", count: 20_000))
                ])
            ]
        },
        DoorScenario(
            testDescription: "response with too much metadata", codes: [.resourceExhausted]
        ) { request, _, _ in
            ServerResponse(
                message: request.message,
                metadata: ["long": .string(String(repeating: "x", count: 20_000))])
        },
    ]

    // MARK: Calls that end before their handlers

    private static let endings: [DoorScenario] = [
        DoorScenario(
            testDescription: "deadline in the metadata passes", codes: [.deadlineExceeded],
            comparesTexts: false, handler: waitToBeCancelled
        ) { await $0.interrupt(metadata: ["grpc-timeout": "200m"]) },
        DoorScenario(
            testDescription: "deadline in the options passes", codes: [.deadlineExceeded],
            comparesTexts: false, handler: waitToBeCancelled
        ) { await $0.interrupt(options: options { $0.timeout = .milliseconds(200) }) },
        DoorScenario(
            testDescription: "client cancels", codes: [.cancelled], comparesTexts: false,
            handler: waitToBeCancelled
        ) { await $0.interrupt { $0.cancel() } },
        DoorScenario(
            testDescription: "connection is lost at the server", codes: [.unavailable],
            comparesTexts: false, handler: waitToBeCancelled
        ) { ends in await ends.interrupt { _ in ends.stopServer() } },
        DoorScenario(
            testDescription: "connection is lost at the client", codes: [.unavailable],
            comparesTexts: false, handler: waitToBeCancelled
        ) { ends in await ends.interrupt { _ in ends.stopClient() } },
        DoorScenario(
            testDescription: "grace period of a shutdown ends", codes: [.unavailable],
            server: {
                var configuration = HTTP2ServerTransport.Configuration()
                configuration.gracePeriod = .milliseconds(20)
                return configuration
            }(),
            comparesTexts: false, handler: waitToBeCancelled
        ) { ends in await ends.interrupt { _ in ends.server.server.beginGracefulShutdown() } },
        DoorScenario(
            testDescription: "server is shut down", codes: [.ok], handler: waitToBeReleased
        ) { ends in
            let call = Task { await ends.client.call() }
            await ends.sightings.wait(for: "started")
            ends.server.server.beginGracefulShutdown()
            ends.sightings.record("released")
            return [await call.value]
        },
        DoorScenario(
            testDescription: "client is shut down", codes: [.ok], handler: waitToBeReleased
        ) { ends in
            let call = Task { await ends.client.call() }
            await ends.sightings.wait(for: "started")
            ends.client.beginGracefulShutdown()
            ends.sightings.record("released")
            return [await call.value]
        },
    ]
}
