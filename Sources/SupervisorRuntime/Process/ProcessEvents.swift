private import Glibc
internal import LinuxIO
internal import Logging
internal import Systemd

/// What reaches the supervisor's process besides calls: signals, its agents' messages, the ends of
/// orphans, and the service manager's wish for signs of life.
///
/// It lives on the event loop, so the watchdog is fed by the thread that does all the work: if that is
/// stuck, the service manager notices.
actor ProcessEvents {
    /// What a person or a service manager asks for.
    enum Request: Sendable {
        case stop
        case stopAtOnce
        case reload
    }

    /// The signals that must be blocked in every thread.
    static let signals = [SIGTERM, SIGINT, SIGHUP, SIGCHLD]

    private let fleet: Fleet
    private let orphans: OrphanReaper
    private let notifier: any Notifying
    private let logger: Logger
    private var signalWatch: SignalWatch?
    private var notifyListener: NotifyListener?
    private var isStopping = false

    nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    init(_ fleet: Fleet, orphans: OrphanReaper, notifier: any Notifying, logger: Logger) {
        self.fleet = fleet
        self.orphans = orphans
        self.notifier = notifier
        self.logger = logger
        loop = fleet.loop
    }

    /// Begins to listen.
    ///
    /// - Parameters:
    ///   - receiver: Where agents report.
    ///   - onRequest: Called with what is asked for.
    /// - Throws: ``SystemError`` where descriptors have run out.
    func start(
        _ receiver: consuming sending NotifyReceiver,
        onRequest: @escaping @Sendable (Request) -> Void
    ) throws(SystemError) {
        signalWatch = try SignalWatch(Self.signals, on: loop) { [weak self] signal in
            self?.assumeIsolated { $0.received(signal, onRequest) }
        }
        let fleet = fleet
        notifyListener = try NotifyListener(receiver, on: loop, logger: logger) { message in
            fleet.assumeIsolated {
                $0.notified(
                    by: message.sender.pid, isReady: message.isReady,
                    isUsed: message.runningCalls != nil)
            }
        }
        if let interval = Watchdog.interval() { feedWatchdog(every: interval / 2) }
    }

    /// Stops to listen to agents; their socket's file goes.
    func stop() {
        notifyListener?.stop()
        notifyListener = nil
    }

    private func received(_ signal: CInt, _ onRequest: (Request) -> Void) {
        switch signal {
        case SIGCHLD: orphans.childEnded()
        case SIGHUP: onRequest(.reload)
        default:
            onRequest(isStopping ? .stopAtOnce : .stop)
            isStopping = true
        }
    }

    private func feedWatchdog(every period: Duration) {
        do {
            try notifier.notify([.watchdog])
        } catch {
            logger.warning("\(error)")
        }
        loop.schedule(after: period) { [weak self] in
            self?.assumeIsolated { $0.feedWatchdog(every: period) }
        }
    }
}
