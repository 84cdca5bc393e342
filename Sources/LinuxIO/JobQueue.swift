private import CLinuxIO
private import Synchronization

/// What an ``EventLoop`` has to run.
///
/// Its own thread adds to it without a lock, other threads under one.
///
/// Sendable by confinement: everything outside `inbox` is touched by the loop's own thread only.
final class JobQueue: @unchecked Sendable {
    enum Work {
        /// A part of a task that prefers the loop.
        case task(UnownedJob)
        /// A part of a task in an actor that lives on the loop.
        case isolated(UnownedJob)
        case body(@Sendable () -> Void)
    }

    /// What other threads leave for the loop.
    private struct Inbox {
        var work: [Work] = []
        /// The loop waits for descriptors, or is about to, and must be woken for new work.
        var isWaiting = false
        var isStopping = false
    }

    private let inbox = Locked(Inbox())
    /// Readable when there is work for a loop that waits.
    let wakeUp: EventFD

    // Unchecked, for speed: every access is over before a job runs, which could begin another one.
    @exclusivity(unchecked) private var queue: [Work] = []
    @exclusivity(unchecked) private var running: [Work] = []
    /// How many of `running` have run.
    private var runningHead = 0
    /// What was asked for at the end of a turn is asked for now.
    private var mustPause = false

    /// Jobs in a row before descriptors are looked at again, so that no task can starve them.
    static let maximumJobsPerTurn = 4096

    init() throws(SystemError) {
        wakeUp = try EventFD()
    }

    /// Whether the calling thread is the loop's.
    var isCurrent: Bool {
        clinuxio_thread_pointer() == Unmanaged.passUnretained(self).toOpaque()
    }

    /// Makes the calling thread the loop's while a body runs.
    func withThisThread(_ body: () -> Void) {
        clinuxio_set_thread_pointer(Unmanaged.passUnretained(self).toOpaque())
        defer { clinuxio_set_thread_pointer(nil) }
        body()
    }

    // MARK: From any thread

    func enqueue(_ work: Work) {
        if isCurrent {
            queue.append(work)
            return
        }
        let mustWake = inbox.withLock { inbox in
            // Nobody would run it, and what holds the loop would be held by it.
            if inbox.isStopping { return false }
            inbox.work.append(work)
            // Only the first of several needs to wake it.
            defer { inbox.isWaiting = false }
            return inbox.isWaiting
        }
        if mustWake { wakeUp.signal() }
    }

    func stop() {
        let mustWake = inbox.withLock { inbox in
            inbox.isStopping = true
            defer { inbox.isWaiting = false }
            return inbox.isWaiting
        }
        if mustWake { wakeUp.signal() }
    }

    // MARK: On the loop's thread

    /// Runs what there is, and what that adds, until nothing is left, it is enough for one turn, or a
    /// pause is asked for.
    ///
    /// - Parameters:
    ///   - budget: How many jobs the turn may still run.
    ///   - taskExecutor: What tasks are told that they run on.
    ///   - serialExecutor: What actors are told that they run on.
    /// - Returns: Whether it paused, and has more to run.
    func run(
        budget: inout Int, taskExecutor: UnownedTaskExecutor, serialExecutor: UnownedSerialExecutor
    ) -> Bool {
        takeInbox()
        mustPause = false
        while budget > 0 {
            if runningHead == running.count {
                running.removeAll(keepingCapacity: true)
                runningHead = 0
                if queue.isEmpty { return false }
                swap(&queue, &running)
            }
            let work = running[runningHead]
            runningHead += 1
            budget -= 1
            switch work {
            case .task(let job): job.runSynchronously(on: taskExecutor)
            case .isolated(let job):
                job.runSynchronously(isolatedTo: serialExecutor, taskExecutor: taskExecutor)
            case .body(let body): body()
            }
            if mustPause { return budget > 0 && hasWork }
        }
        return false
    }

    /// Has ``run(budget:taskExecutor:serialExecutor:)`` return after the present job.
    func pause() {
        mustPause = true
    }

    private var hasWork: Bool { runningHead < running.count || !queue.isEmpty }

    /// Announces that the loop is about to wait.
    ///
    /// - Returns: Whether it may, since there is nothing to run; nil where it is to end.
    func prepareWaiting() -> Bool? {
        inbox.withLock { inbox in
            if inbox.isStopping {
                // What came before the stop, and after the loop last looked, still runs.
                return inbox.work.isEmpty ? nil : false
            }
            inbox.isWaiting = !hasWork && inbox.work.isEmpty
            return inbox.isWaiting
        }
    }

    /// Announces that the loop no longer waits, so that nobody wakes it for nothing.
    func finishWaiting() {
        inbox.withLock { $0.isWaiting = false }
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
}
