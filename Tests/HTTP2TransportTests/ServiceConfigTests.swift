import GRPCCore
import HTTP2Transport
import Synchronization
import Testing

/// What a service configuration asks for, as GRPCCore and the transport carry it out over a real socket.
@Suite(.timeLimit(.minutes(1)))
struct ServiceConfigTests {
    private static let retries = RPCExecutionPolicy.retry(
        RetryPolicy(
            maxAttempts: 4, initialBackoff: .milliseconds(1), maxBackoff: .milliseconds(2),
            backoffMultiplier: 1, retryableStatusCodes: [.unavailable]))

    /// Only a server that asks for less lets a test see the second attempt.
    private static let slowRetries = RPCExecutionPolicy.retry(
        RetryPolicy(
            maxAttempts: 4, initialBackoff: .seconds(36_000), maxBackoff: .seconds(36_000),
            backoffMultiplier: 1, retryableStatusCodes: [.unavailable]))

    private static let hedging = RPCExecutionPolicy.hedge(
        HedgingPolicy(
            maxAttempts: 3, hedgingDelay: .milliseconds(1), nonFatalStatusCodes: [.unavailable]))

    /// Refuses so many attempts, and counts all.
    private final class Refusals: Sendable {
        let attempts = Atomic(0)
        private let count: Int
        private let metadata: Metadata

        init(_ count: Int, _ metadata: Metadata = [:]) {
            self.count = count
            self.metadata = metadata
        }

        func service() -> EchoService {
            EchoService { [self] request, context in
                guard attempts.add(1, ordering: .relaxed).newValue > count else {
                    throw RPCError(code: .unavailable, message: "not yet", metadata: metadata)
                }
                return try await EchoService.echo(request, context)
            }
        }
    }

    private static func client(
        _ policy: RPCExecutionPolicy?, throttling: ServiceConfig.RetryThrottling? = nil
    ) -> HTTP2ClientTransport.Configuration {
        var configuration = HTTP2ClientTransport.Configuration()
        configuration.serviceConfig = ServiceConfig(
            methodConfig: [
                MethodConfig(
                    names: [MethodConfig.Name(service: "test.Echo")], executionPolicy: policy)
            ],
            retryThrottling: throttling)
        return configuration
    }

    @Test func callIsRetriedUntilItSucceeds() async throws {
        let refusals = Refusals(2)
        try await withEcho(refusals.service(), client: Self.client(Self.retries)) { client, _, _ in
            let response = try await client.echo([1, 2])
            #expect(try response.message == [1, 2])
            let previous = Array(response.metadata[stringValues: "grpc-previous-rpc-attempts"])
            #expect(previous == ["2"])
        }
        #expect(refusals.attempts.load(ordering: .relaxed) == 3)
    }

    @Test func attemptsComeToAnEnd() async throws {
        let refusals = Refusals(100)
        try await withEcho(refusals.service(), client: Self.client(Self.retries)) { client, _, _ in
            let response = try await client.echo([1])
            #expect(Self.code(of: response) == .unavailable)
        }
        #expect(refusals.attempts.load(ordering: .relaxed) == 4)
    }

    @Test(arguments: [("0", 2), ("-1", 1), ("soon", 1)])
    func serverSaysWhenToTryAgain(pushback: String, attempts: Int) async throws {
        let refusals = Refusals(1, ["grpc-retry-pushback-ms": .string(pushback)])
        try await withEcho(refusals.service(), client: Self.client(Self.slowRetries)) {
            client, _, _ in
            let response = try await client.echo([1])
            #expect(Self.code(of: response) == (attempts == 1 ? .unavailable : nil))
        }
        #expect(refusals.attempts.load(ordering: .relaxed) == attempts)
    }

    @Test func retriesAreThrottledAcrossCalls() async throws {
        let refusals = Refusals(100)
        // Above half of four tokens: one failure is followed by a retry, the second is not.
        let throttling = try ServiceConfig.RetryThrottling(maxTokens: 4, tokenRatio: 0.1)
        let configuration = Self.client(Self.retries, throttling: throttling)
        try await withEcho(refusals.service(), client: configuration) { client, _, _ in
            _ = try await client.echo([1])
            #expect(refusals.attempts.load(ordering: .relaxed) == 2)
            _ = try await client.echo([1])
            #expect(refusals.attempts.load(ordering: .relaxed) == 3)
        }
    }

    @Test func hedgesThatLoseAreCancelledAtTheServer() async throws {
        let attempts = Atomic(0)
        let (cancelled, cancelling) = AsyncStream.makeStream(of: Bool.self)
        let service = EchoService { request, context in
            guard attempts.add(1, ordering: .relaxed).newValue < 3 else {
                return try await EchoService.echo(request, context)
            }
            do {
                try await Task.sleep(for: .seconds(3600))
            } catch {
                cancelling.yield(context.cancellation.isCancelled)
                throw error
            }
            return StreamingServerResponse(error: RPCError(code: .internalError, message: "late"))
        }
        try await withEcho(service, client: Self.client(Self.hedging)) { client, _, _ in
            let reply = try await client.echo([7]).message
            #expect(reply == [7])
            var losers = 0
            for await wasCancelled in cancelled {
                #expect(wasCancelled)
                losers += 1
                if losers == 2 { break }
            }
        }
        // The server has ended, so it has no handler left.
        #expect(attempts.load(ordering: .relaxed) == 3)
    }

    // MARK: Limits, through both doors

    @Test(arguments: [false, true])
    func timeoutOfTheMethodIsKept(isDirect: Bool) async throws {
        var configuration = HTTP2ClientTransport.Configuration()
        configuration.serviceConfig.methodConfig = [
            MethodConfig(
                names: [MethodConfig.Name(service: "test.Echo", method: "Unary")],
                timeout: .milliseconds(50))
        ]
        try await ScriptedServer.run(client: configuration, respond: { _ in nil }) {
            client, transport in
            let code = try await Self.outcome(client, transport, isDirect: isDirect)
            #expect(code == .deadlineExceeded)
        }
    }

    @Test(arguments: [false, true], [(9, RPCError.Code.resourceExhausted), (10, nil)])
    func requestOverTheMethodsLimitIsNotSent(
        isDirect: Bool, limit: (bytes: Int, code: RPCError.Code?)
    ) async throws {
        var configuration = HTTP2ClientTransport.Configuration()
        configuration.serviceConfig.methodConfig = [
            MethodConfig(
                names: [MethodConfig.Name(service: "")], maxRequestMessageBytes: limit.bytes)
        ]
        try await ScriptedServer.run(
            client: configuration, respond: { _ in .response([], messages: [(0, [1])]) }
        ) { client, transport in
            let code = try await Self.outcome(client, transport, isDirect: isDirect)
            #expect(code == limit.code)
        }
    }

    private static func outcome(
        _ client: GRPCClient<HTTP2ClientTransport>, _ transport: HTTP2ClientTransport,
        isDirect: Bool
    ) async throws -> RPCError.Code? {
        let request = ClientRequest(message: [UInt8](repeating: 0, count: 10))
        if isDirect {
            return code(
                of: await transport.unary(request: request, descriptor: EchoService.unary))
        }
        do {
            return code(of: try await client.echo(request.message))
        } catch let error as RPCError {
            // GRPCCore throws where its own clock has run out.
            return error.code
        }
    }

    private static func code(of response: ClientResponse<[UInt8]>) -> RPCError.Code? {
        do {
            _ = try response.message
            return nil
        } catch {
            return (error as? RPCError)?.code
        }
    }
}
