internal import AgentAPI
internal import GRPCCore
internal import HTTP2Transport
internal import LinuxIO
internal import Logging
internal import Systemd

/// Tells the supervisor that this agent is used, so that it does not end it as idle: it sees only the
/// calls that it passes on itself, and clients call the agent's own port.
///
/// It speaks at once when a call begins after a quiet time, and from then on once in a period until no
/// call ran in a whole one. So a call costs no system call, and the last word comes after the last call.
/// Health checks and readings of metrics are no use: the supervisor makes them itself.
///
/// Belongs to the event loop's thread.
final class UseReporter: CallObserver {
    private let notifier: any Notifying
    private let loop: EventLoop
    private let logger: Logger
    private let period: Duration
    private var runningCalls = 0
    /// Whether a call began or ended since the last report.
    private var wasUsed = false
    private var isReporting = false
    private var hasFailed = false

    private static let uselessServices = [
        Grpc_Health_V1_Health.descriptor, Op_Agents_V1_Metrics.descriptor,
    ]

    /// Makes a reporter of calls that are yet to come.
    ///
    /// - Parameters:
    ///   - notifier: The supervisor; must not block.
    ///   - loop: Where the calls are seen.
    ///   - logger: Told once where reports cannot be made.
    ///   - period: Time between two reports; the supervisor expects one in two seconds.
    init(
        to notifier: any Notifying, on loop: EventLoop, logger: Logger,
        period: Duration = .seconds(1)
    ) {
        self.notifier = notifier
        self.loop = loop
        self.logger = logger
        self.period = period
    }

    func callDidStart(_ method: MethodDescriptor) {
        guard Self.isUse(method) else { return }
        runningCalls += 1
        wasUsed = true
        if !isReporting { report() }
    }

    func callDidEnd(_ method: MethodDescriptor) {
        guard Self.isUse(method) else { return }
        runningCalls -= 1
        wasUsed = true
    }

    private static func isUse(_ method: MethodDescriptor) -> Bool {
        !uselessServices.contains(method.service)
    }

    private func report() {
        isReporting = wasUsed || runningCalls > 0
        guard isReporting else { return }
        wasUsed = false
        do {
            try notifier.notify([.runningCalls(runningCalls)])
        } catch {
            if !hasFailed { logger.warning("\(error); it may end this agent while it is used") }
            hasFailed = true
        }
        loop.schedule(after: period) { [weak self] in self?.report() }
    }
}
