import AgentAPI
import AgentRuntime
import GRPCCore
import GRPCProtobuf
import HTTP2Transport
import LinuxIO
import TestSupport
import Testing

/// The conversation about sessions, over real sockets.
@Suite(.timeLimit(.minutes(1)))
struct SupervisorLinkTests {
    /// Answers HoldSession, and nothing else, for the session "s" until it is told to end it.
    private struct Supervisor: RegistrableRPCService {
        /// Finished when the session ends.
        let session = AsyncStream<Never>.makeStream()
        let requests = AsyncStream<Op_Supervisor_V1_HoldSessionRequest>.makeStream()

        func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
            router.registerHandler(
                forMethod: Op_Supervisor_V1_Supervisor.Method.HoldSession.descriptor,
                deserializer: ProtobufDeserializer<Op_Supervisor_V1_HoldSessionRequest>(),
                serializer: ProtobufSerializer<Op_Supervisor_V1_HoldSessionResponse>()
            ) { request, _ in
                StreamingServerResponse { writer in
                    try await withThrowingTaskGroup(of: Bool.self) { group in
                        group.addTask {
                            for await _ in session.stream {}
                            return true
                        }
                        group.addTask {
                            for try await hold in request.messages {
                                guard hold.sessionID == "s" else {
                                    throw RPCError.unknownSession(hold.sessionID)
                                }
                                requests.continuation.yield(hold)
                                try await writer.write(Op_Supervisor_V1_HoldSessionResponse())
                            }
                            return false
                        }
                        while try await group.next() == false {}
                        group.cancelAll()
                    }
                    return [:]
                }
            }
        }
    }

    private func withSupervisor(
        _ body: (Supervisor, SupervisorLink<HTTP2ClientTransport>) async throws -> Void
    ) async throws {
        let loop = try EventLoop(name: "test")
        defer { loop.stop() }
        let supervisor = Supervisor()
        let transport = try HTTP2ServerTransport(
            listeners: [.address(.loopback(port: 0))], eventLoop: loop)
        try await withGRPCServer(transport: transport, services: [supervisor]) { _ in
            let target = transport.localAddresses[0]
            let link = SupervisorLink(
                transport: HTTP2ClientTransport(target: target, eventLoop: loop), agentID: "agent")
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await link.run() }
                try await body(supervisor, link)
                supervisor.session.continuation.finish()
                link.close()
                try await group.waitForAll()
            }
        }
    }

    @Test
    func aHoldNamesSessionAndAgentAndEndsWithTheSession() async throws {
        try await withSupervisor { supervisor, link in
            let held = Gate()
            let (updates, update) = AsyncStream<SessionStreams>.makeStream()
            let hold = Task { try await link.hold("s", updates: updates) { held.open() } }
            await held.wait()
            var streams = SessionStreams()
            streams.opened = 2
            streams.ended = 1
            update.yield(streams)
            var requests = supervisor.requests.stream.makeAsyncIterator()
            for expected in [SessionStreams(), streams] {
                let request = await requests.next()
                #expect(request?.sessionID == "s")
                #expect(request?.agentID == "agent")
                #expect(request?.streamsOpened == UInt32(expected.opened))
                #expect(request?.streamsEnded == UInt32(expected.ended))
            }
            supervisor.session.continuation.finish()
            try await hold.value
        }
    }

    @Test
    func anUnknownSessionIsNotFound() async throws {
        try await withSupervisor { _, link in
            let error = await #expect(throws: RPCError.self) {
                try await link.hold("nix", updates: AsyncStream { _ in }) {
                    Issue.record("it is not held")
                }
            }
            #expect(error?.code == .notFound)
        }
    }

    @Test
    func aCallEndsWhenTheSupervisorEndsItsSession() async throws {
        try await withSupervisor { supervisor, link in
            let sessions = SupervisedSessions(link)
            let started = Gate()
            let call = Task {
                try await sessions.run(RunningCall(), in: "s") {
                    started.open()
                    try await untilCancelled()
                }
            }
            await started.wait()
            supervisor.session.continuation.finish()
            let error = await #expect(throws: RPCError.self) { try await call.value }
            #expect(error == RPCError.sessionEnded("s"))
        }
    }

    @Test
    func sessionsThatAreReleasedKeepNoConnectionOpen() async throws {
        try await withSupervisor { _, link in
            let sessions = SupervisedSessions(link)
            try await sessions.renew("s")
            sessions.releaseAll()
        }
    }
}
