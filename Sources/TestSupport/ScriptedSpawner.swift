private import Glibc
package import LinuxIO
package import Supervision
package import SupervisorRuntime
private import Synchronization

/// Starts instances that are nothing but a copy of their listening socket, and end when a test says so.
package final class ScriptedSpawner: InstanceStarting {
    /// Something that the fleet did with an instance.
    package enum Deed: Hashable, Sendable {
        case started(agent: String, pid: Int32)
        case refused(agent: String)
        case terminated(pid: Int32)
        case killed(pid: Int32)
    }

    private struct State {
        var lastPID: Int32 = 1000
        var deeds: [Deed] = []
        var instances: [Int32: ScriptedInstance] = [:]
        var refusal: String?
        var waiters: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let loop: EventLoop
    private let state = Mutex(State())

    /// Makes a spawner of instances that start.
    ///
    /// - Parameter loop: Where the ends of instances are reported.
    package init(_ loop: EventLoop) {
        self.loop = loop
    }

    /// What the fleet did, in order.
    package var deeds: [Deed] { state.withLock { $0.deeds } }

    /// Makes every start fail.
    ///
    /// - Parameter diagnosis: Why; `nil` lets starts succeed again.
    package func refuse(_ diagnosis: String?) {
        state.withLock { $0.refusal = diagnosis }
    }

    package func start(
        _ plan: InstancePlan, onEnd: @escaping (ExitStatus) -> Void
    ) throws(InstanceError) -> any AgentInstance {
        let agent = plan.agentName
        if let refusal = state.withLock({ $0.refusal }) {
            note(.refused(agent: agent))
            throw InstanceError(refusal)
        }
        let instance = state.withLock { state in
            state.lastPID += 1
            let instance = ScriptedInstance(
                pid: state.lastPID, place: plan.place, of: self, onEnd: onEnd)
            state.instances[instance.pid] = instance
            return instance
        }
        note(.started(agent: agent, pid: instance.pid))
        return instance
    }

    /// Lets an instance end.
    ///
    /// - Parameters:
    ///   - pid: The instance's pid.
    ///   - status: How it ends.
    package func end(_ pid: Int32, _ status: ExitStatus) async {
        await withCheckedContinuation { continuation in
            loop.execute { [self] in
                let instance = state.withLock { $0.instances.removeValue(forKey: pid) }
                instance?.closeListener()
                instance?.onEnd(status)
                continuation.resume()
            }
        }
    }

    /// Waits until the fleet has done so many things.
    ///
    /// - Parameter count: How many, from the beginning.
    package func waitForDeeds(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isDone = state.withLock { state in
                if state.deeds.count >= count { return true }
                state.waiters.append((count, continuation))
                return false
            }
            if isDone { continuation.resume() }
        }
    }

    fileprivate func note(_ deed: Deed) {
        let ready = state.withLock { state in
            state.deeds.append(deed)
            let ready = state.waiters.filter { $0.count <= state.deeds.count }
            state.waiters.removeAll { $0.count <= state.deeds.count }
            return ready
        }
        for waiter in ready { waiter.continuation.resume() }
    }
}

/// An instance without a process.
///
/// Sendable by confinement: the closure is called, and the socket closed, on the event loop's thread
/// only, or when nobody has it any more.
private final class ScriptedInstance: AgentInstance, @unchecked Sendable {
    let pid: Int32
    let onEnd: (ExitStatus) -> Void
    private let spawner: ScriptedSpawner
    private var listener: CInt

    init(
        pid: Int32, place: ListeningPlace, of spawner: ScriptedSpawner,
        onEnd: @escaping (ExitStatus) -> Void
    ) {
        self.pid = pid
        listener =
            switch place {
            case .port(let descriptor): fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
            case .unix: -1
            }
        self.spawner = spawner
        self.onEnd = onEnd
    }

    deinit { closeListener() }

    func closeListener() {
        if listener >= 0 { close(listener) }
        listener = -1
    }

    func terminate() { spawner.note(.terminated(pid: pid)) }

    func kill() { spawner.note(.killed(pid: pid)) }
}
