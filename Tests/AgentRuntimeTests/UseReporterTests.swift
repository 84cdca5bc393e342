import GRPCCore
import LinuxIO
import Logging
import Synchronization
import Systemd
import Testing

@testable import AgentRuntime

@Suite(.timeLimit(.minutes(1)))
struct UseReporterTests {
    private static let period = Duration.milliseconds(20)
    private static let execute = MethodDescriptor(
        fullyQualifiedService: "op.agents.v1.AgentService", method: "Execute")
    private static let metrics = MethodDescriptor(
        fullyQualifiedService: "op.agents.v1.Metrics", method: "ReadMetrics")
    private static let health = MethodDescriptor(
        fullyQualifiedService: "grpc.health.v1.Health", method: "Check")

    @Test func manyCallsInAPeriodAreReportedOnceAndOnceMoreWhenTheyAreOver() async throws {
        try await withReporter { reporter in
            for _ in 1...1_000 {
                reporter.callDidStart(Self.execute)
                reporter.callDidEnd(Self.execute)
            }
        } expecting: { reports, loop in
            #expect(await reports.next() == 1)
            #expect(await reports.next() == 0)
            // Nothing runs and nothing ran: the next two periods are silent.
            let isSilent = await Self.after(Self.period * 2, on: loop)
            #expect(isSilent)
            #expect(reports.count == 2)
        }
    }

    @Test func runningCallsAreReportedInEveryPeriod() async throws {
        try await withReporter { reporter in
            reporter.callDidStart(Self.execute)
            reporter.callDidStart(Self.execute)
        } expecting: { reports, _ in
            #expect(await reports.next() == 1)
            for _ in 1...5 { #expect(await reports.next() == 2) }
        }
    }

    @Test func healthChecksAndReadingsOfMetricsAreNoUse() async throws {
        try await withReporter { reporter in
            reporter.callDidStart(Self.health)
            reporter.callDidStart(Self.execute)
            reporter.callDidEnd(Self.health)
        } expecting: { reports, _ in
            for _ in 1...3 { #expect(await reports.next() == 1) }
        }
        try await withReporter { reporter in
            reporter.callDidStart(Self.health)
            reporter.callDidStart(Self.metrics)
        } expecting: { reports, loop in
            let isOver = await Self.after(Self.period * 2, on: loop)
            #expect(isOver)
            #expect(reports.count == 0)
        }
    }

    /// Lets calls be seen on a loop, and then looks at what was reported.
    private func withReporter(
        _ use: @escaping @Sendable (UseReporter) -> Void,
        expecting look: (Reports, EventLoop) async -> Void
    ) async throws {
        let loop = try EventLoop(name: "test")
        defer { loop.stop() }
        let reports = Reports()
        // The loop keeps it, as an acceptor does.
        let keeper = Keeper()
        loop.execute {
            let reporter = UseReporter(
                to: reports, on: loop, logger: Logger(label: "test"), period: Self.period)
            keeper.keep(reporter)
            use(reporter)
        }
        await look(reports, loop)
        loop.execute { keeper.drop() }
    }

    /// Lets a time pass on the loop.
    private static func after(_ duration: Duration, on loop: EventLoop) async -> Bool {
        await withCheckedContinuation { continuation in
            loop.execute {
                loop.schedule(after: duration) { continuation.resume(returning: true) }
            }
        }
    }
}

/// Holds a reporter; touched on the loop's thread only, which makes it safe to send.
private final class Keeper: @unchecked Sendable {
    private var reporter: UseReporter?

    func keep(_ reporter: UseReporter) { self.reporter = reporter }

    func drop() { reporter = nil }
}

/// Takes reports, which are awaited in order.
private final class Reports: Notifying {
    private let total = Mutex(0)
    private let stream: AsyncStream<Int>
    private let continuation: AsyncStream<Int>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream() }

    /// How many there were.
    var count: Int { total.withLock { $0 } }

    func notify(_ notifications: [ServiceNotification]) throws(SystemError) {
        for case .runningCalls(let count) in notifications {
            total.withLock { $0 += 1 }
            continuation.yield(count)
        }
    }

    func next() async -> Int? { await stream.first { _ in true } }
}
