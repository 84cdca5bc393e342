internal import CLinuxIO

/// One thread with one epoll: descriptors, timers and Swift jobs.
///
/// As a task executor it runs whole calls without a hop: what a descriptor's handler starts, the
/// loop runs next, and what that writes is sent before it waits again. Actors live on it by its
/// ``asUnownedSerialExecutor()``. Whatever blocks or computes for long stalls everything on it and
/// belongs on `globalConcurrentExecutor`.
///
/// Each turn: jobs until none is left, then the flushes that they asked for, then epoll.
///
/// Sendable by confinement: everything but `jobs`, which takes care of itself, is touched by the loop's
/// own thread only, which the entry points check in debug builds.
public final class EventLoop: TaskExecutor, @unchecked Sendable {
    private let jobs: JobQueue
    private let serialExecutor: LoopSerialExecutor

    private let epoll: Epoll
    private let timer: TimerFD
    private var events = [epoll_event](repeating: epoll_event(), count: 256)
    private var watches = WatchTable()
    private var timers = TimerQueue()
    private var armedDeadline: MonotonicInstant?

    /// Unchecked, for speed: no access to them lasts while one of them runs.
    @exclusivity(unchecked) private var flushes: [any Flushable] = []

    /// Starts a loop on a thread of its own.
    ///
    /// - Parameter name: The thread's name, at most 15 bytes (pthread_setname_np(3)).
    /// - Throws: ``SystemError`` where descriptors or threads have run out.
    public convenience init(name: String) throws(SystemError) {
        FreeMemory.isKept
        try self.init()
        try LoopThread.start(name: name) { self.run() }
    }

    private init() throws(SystemError) {
        jobs = try JobQueue()
        serialExecutor = LoopSerialExecutor(jobs)
        epoll = try Epoll()
        timer = try TimerFD()
        try epoll.add(
            jobs.wakeUp.descriptor.rawValue, for: .readable, token: WatchTable.wakeUpToken)
        try epoll.add(timer.descriptor.rawValue, for: .readable, token: WatchTable.timerToken)
    }

    /// Whether the calling thread is the loop's.
    public var isCurrent: Bool { jobs.isCurrent }

    /// Ends the loop's thread once the work that came before has had its turn.
    ///
    /// Work that comes later from other threads never runs, and is given up at once.
    public func stop() {
        jobs.stop()
    }

    // MARK: Jobs

    /// Runs a body on the loop, after what was given to it before.
    ///
    /// - Parameter body: Must not block.
    public func execute(_ body: @escaping @Sendable () -> Void) {
        jobs.enqueue(.body(body))
    }

    /// Implements `TaskExecutor`.
    public func enqueue(_ job: consuming ExecutorJob) {
        jobs.enqueue(.task(UnownedJob(job)))
    }

    /// The executor for actors that live on the loop: what their `unownedExecutor` returns.
    ///
    /// Valid while the loop exists, so they hold on to it.
    public func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        serialExecutor.asUnownedSerialExecutor()
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

    /// Has flushes run after the present job, though more jobs wait: whoever gets their output can work on
    /// it meanwhile.
    package func flushSoon() {
        assertCurrent()
        jobs.pause()
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
        jobs.withThisThread {
            while true {
                var budget = JobQueue.maximumJobsPerTurn
                while jobs.run(
                    budget: &budget, taskExecutor: asUnownedTaskExecutor(),
                    serialExecutor: asUnownedSerialExecutor())
                {
                    runFlushes()
                }
                runFlushes()
                guard let mayBlock = jobs.prepareWaiting() else { return }
                armTimer()
                poll(blocks: mayBlock)
            }
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
        if blocks { jobs.finishWaiting() }
        var isTimerDue = false
        for index in 0..<count {
            let event = events[index]
            switch event.data.u64 {
            case WatchTable.wakeUpToken:
                jobs.wakeUp.clear()
            case WatchTable.timerToken:
                timer.clear()
                armedDeadline = nil
                isTimerDue = true
            case let token:
                // Its watch may have been cancelled by a handler of this same batch.
                watches[token]?.handler(Readiness(rawValue: event.events))
            }
        }
        // After the events: what a peer has sent by now counts before a timeout does. And only now, so that
        // a turn in which no time has run out need not ask what time it is.
        if isTimerDue { fireTimers() }
    }

    private func fireTimers() {
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
