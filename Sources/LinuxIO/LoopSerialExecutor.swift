/// An ``EventLoop`` as the executor of the actors that live on it.
///
/// An object of its own, for the runtime's sake: were the loop both executors in one, it would have to
/// take a task that only prefers the loop for one that the loop isolates, and would enqueue it again
/// at each call of a function that nothing isolates. That took a third of a unary call's processor time.
final class LoopSerialExecutor: SerialExecutor {
    private let jobs: JobQueue

    init(_ jobs: JobQueue) {
        self.jobs = jobs
    }

    func enqueue(_ job: consuming ExecutorJob) {
        jobs.enqueue(.isolated(UnownedJob(job)))
    }

    func checkIsolated() {
        precondition(jobs.isCurrent, "not on the event loop's thread")
    }

    func isIsolatingCurrentContext() -> Bool? { jobs.isCurrent }
}
