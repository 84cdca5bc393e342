internal import CLinuxIO
internal import HeapModule
private import Synchronization

/// One thread with one epoll: descriptors, timers and Swift jobs.
///
/// As a task executor it runs whole calls without a hop: what a descriptor's handler starts, the
/// loop runs next, and what that writes is sent before it waits again. As a serial executor it
/// isolates actors. Whatever blocks or computes for long stalls everything on it and belongs on
/// `globalConcurrentExecutor`.
///
/// Each turn: jobs until none is left, then the flushes that they asked for, then epoll.
///
/// Sendable by confinement: everything outside `inbox` is touched by the loop's own thread only, which
/// the entry points check in debug builds.
public final class EventLoop: TaskExecutor, SerialExecutor, @unchecked Sendable {
    /// What other threads leave for the loop.
    private struct Inbox {
        var work: [Work] = []
        /// The loop is in epoll, or about to be, and must be woken for new work.
        var isPolling = false
        var isStopping = false
    }

    private enum Work {
        case job(UnownedJob)
        case body(@Sendable () -> Void)
    }

    private let inbox = Mutex(Inbox())
    private let wakeUp: EventFD

    private let epoll: Epoll
    private let timer: TimerFD
    private var events = [epoll_event](repeating: epoll_event(), count: 256)
    private var watches = WatchTable()
    private var timers = TimerQueue()
    private var armedDeadline: MonotonicInstant?

    private var queue: [Work] = []
    private var running: [Work] = []
    private var flushes: [any Flushable] = []

    /// Jobs in a row before descriptors are looked at again, so that no task can starve them.
    private static let maximumJobsPerTurn = 4096

    /// Starts a loop on a thread of its own.
    ///
    /// - Parameter name: The thread's name, at most 15 bytes (pthread_setname_np(3)).
    /// - Throws: ``SystemError`` where descriptors or threads have run out.
    public convenience init(name: String) throws(SystemError) {
        try self.init()
        try LoopThread.start(name: name) { self.run() }
    }

    private init() throws(SystemError) {
        wakeUp = try EventFD()
        epoll = try Epoll()
        timer = try TimerFD()
        try epoll.add(wakeUp.descriptor.rawValue, for: .readable, token: WatchTable.wakeUpToken)
        try epoll.add(timer.descriptor.rawValue, for: .readable, token: WatchTable.timerToken)
    }

    /// Whether the calling thread is the loop's.
    public var isCurrent: Bool {
        clinuxio_thread_pointer() == Unmanaged.passUnretained(self).toOpaque()
    }

    /// Ends the loop's thread after its present turn.
    ///
    /// Work that comes later never runs.
    public func stop() {
        let mustWake = inbox.withLock { inbox in
            inbox.isStopping = true
            defer { inbox.isPolling = false }
            return inbox.isPolling
        }
        if mustWake { wakeUp.signal() }
    }

    // MARK: Jobs

    /// Runs a body on the loop, after what was given to it before.
    ///
    /// - Parameter body: Must not block.
    public func execute(_ body: @escaping @Sendable () -> Void) {
        enqueue(.body(body))
    }

    /// Implements `TaskExecutor` and `SerialExecutor`.
    public func enqueue(_ job: consuming ExecutorJob) {
        enqueue(.job(UnownedJob(job)))
    }

    /// Implements `SerialExecutor`.
    public func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }

    /// Implements `SerialExecutor`: what `assumeIsolated` asks.
    public func checkIsolated() {
        precondition(isCurrent, "not on the event loop's thread")
    }

    /// Implements `SerialExecutor`.
    public func isIsolatingCurrentContext() -> Bool? { isCurrent }

    private func enqueue(_ work: Work) {
        if isCurrent {
            queue.append(work)
            return
        }
        let mustWake = inbox.withLock { inbox in
            inbox.work.append(work)
            // Only the first of several needs to wake it.
            defer { inbox.isPolling = false }
            return inbox.isPolling
        }
        if mustWake { wakeUp.signal() }
    }

    // MARK: Descriptors, timers, flushes: on the loop's thread only

    /// Watches a descriptor until the watch is cancelled.
    ///
    /// - Parameters:
    ///   - descriptor: Must stay open until then.
    ///   - interest: May be changed later through the watch.
    ///   - handler: Called once in each turn in which it is ready; level-triggered.
    /// - Returns: The watch.
    /// - Throws: ``SystemError`` where it cannot be watched, EPERM for an ordinary file.
    package func watch(
        _ descriptor: CInt, for interest: Readiness, handler: @escaping (Readiness) -> Void
    ) throws(SystemError) -> Watch {
        assertCurrent()
        let watch = Watch(descriptor: descriptor, interest: interest, loop: self, handler: handler)
        watch.token = watches.insert(watch)
        do {
            try epoll.add(descriptor, for: interest, token: watch.token)
        } catch {
            watches.remove(watch.token)
            throw error
        }
        return watch
    }

    /// Calls a body once, later.
    ///
    /// - Parameters:
    ///   - delay: From now.
    ///   - body: Called on the loop's thread unless the timer is cancelled before.
    /// - Returns: The timer.
    @discardableResult
    package func schedule(after delay: Duration, _ body: @escaping () -> Void) -> LoopTimer {
        assertCurrent()
        return timers.insert(deadline: .now + delay, body)
    }

    /// Has something flushed at the end of this turn, when no job is left to run: what several jobs
    /// wrote then leaves in one system call.
    ///
    /// - Parameter target: Asked for once in a turn, by its own account.
    package func flushLater(_ target: any Flushable) {
        assertCurrent()
        flushes.append(target)
    }

    func update(_ watch: Watch) {
        assertCurrent()
        // Fails only for a descriptor that was closed while it was watched, against the contract.
        try? epoll.modify(watch.descriptor, for: watch.interest, token: watch.token)
    }

    func remove(_ watch: Watch) {
        assertCurrent()
        watches.remove(watch.token)
        try? epoll.remove(watch.descriptor)
    }

    package func assertCurrent() {
        assert(isCurrent, "not on the event loop's thread")
    }

    // MARK: The turn

    private func run() {
        clinuxio_set_thread_pointer(Unmanaged.passUnretained(self).toOpaque())
        defer { clinuxio_set_thread_pointer(nil) }
        while true {
            runJobs()
            runFlushes()
            guard let mustBlock = preparePolling() else { return }
            poll(blocks: mustBlock)
        }
    }

    private func runJobs() {
        takeInbox()
        var count = 0
        while !queue.isEmpty, count < Self.maximumJobsPerTurn {
            swap(&queue, &running)
            for work in running {
                switch work {
                case .job(let job):
                    job.runSynchronously(
                        isolatedTo: asUnownedSerialExecutor(),
                        taskExecutor: asUnownedTaskExecutor())
                case .body(let body): body()
                }
            }
            count += running.count
            running.removeAll(keepingCapacity: true)
        }
    }

    private func runFlushes() {
        // A flush may ask for another one, of something else.
        var next = 0
        while next < flushes.count {
            flushes[next].flush()
            next += 1
        }
        flushes.removeAll(keepingCapacity: true)
    }

    private func takeInbox() {
        inbox.withLock { inbox in
            guard !inbox.work.isEmpty else { return }
            if queue.isEmpty {
                swap(&queue, &inbox.work)
            } else {
                queue.append(contentsOf: inbox.work)
                inbox.work.removeAll(keepingCapacity: true)
            }
        }
    }

    /// Announces that the loop is about to wait.
    ///
    /// - Returns: Whether it may block, since there is nothing else to do; nil where it is to end.
    private func preparePolling() -> Bool? {
        let isIdle: Bool? = inbox.withLock { inbox in
            if inbox.isStopping { return nil }
            inbox.isPolling = queue.isEmpty && inbox.work.isEmpty
            return inbox.isPolling
        }
        if isIdle == true { armTimer() }
        return isIdle
    }

    /// Arms the timer for the earliest deadline, unless it will expire before that anyway: deadlines
    /// that are set and cancelled with every call then cost no system call.
    private func armTimer() {
        guard let deadline = timers.earliestDeadline else { return }
        if let armedDeadline, armedDeadline <= deadline { return }
        armedDeadline = deadline
        // Fails only for a descriptor or a time that is invalid.
        try? timer.arm(at: deadline)
    }

    private func poll(blocks: Bool) {
        let count: Int
        do {
            count = try epoll.wait(into: &events, blocks: blocks)
        } catch {
            preconditionFailure("epoll_wait on the loop's own instance: \(error)")
        }
        if blocks {
            inbox.withLock { $0.isPolling = false }
        }
        for index in 0..<count {
            let event = events[index]
            switch event.data.u64 {
            case WatchTable.wakeUpToken:
                wakeUp.clear()
            case WatchTable.timerToken:
                timer.clear()
                armedDeadline = nil
            case let token:
                // Its watch may have been cancelled by a handler of this same batch.
                watches[token]?.handler(Readiness(rawValue: event.events))
            }
        }
        fireTimers()
    }

    private func fireTimers() {
        guard !timers.isEmpty else { return }
        // Read once: a timer that sets another one for at once does not keep the turn from ending.
        let now = MonotonicInstant.now
        while let body = timers.removeDue(at: now) { body() }
    }
}

/// Something that collects output until the end of a loop's turn.
package protocol Flushable: AnyObject {
    /// Sends what was collected. Called on the loop's thread.
    func flush()
}
