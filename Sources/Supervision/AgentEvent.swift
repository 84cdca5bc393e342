/// What happens to an agent.
///
/// There is none for a spawn that succeeds: `AgentAction.spawn` is carried out in one step, so an
/// instance exists from that action on unless `spawnFailed` follows.
package enum AgentEvent: Hashable, Sendable {
    /// An operator wants it to run, whatever kept it from that.
    case start
    /// It shall end, and stay so until `start`.
    case stop
    /// The running instance shall be replaced.
    case restart
    /// Its settings changed: an instance that runs with the old ones is replaced. What is held, or
    /// ends anyway, stays so.
    case reconfigure
    /// The `stop` before is undone, as if it had not been said: it runs again once it is needed.
    case unhold
    /// A session or a call needs it, or it belongs to those that always run.
    case needed
    /// No session and no call needs it any more.
    case released
    /// A connection waits at its port.
    case connectionWaiting
    /// The instance could not be started; the diagnosis says why.
    case spawnFailed(Generation, diagnosis: String)
    /// The instance said READY=1.
    case ready(Generation)
    /// A health probe of the instance was answered in time with SERVING.
    case probeSucceeded(Generation)
    /// A health probe of the instance was not.
    case probeFailed(Generation, ProbeFailure)
    /// Calls run in the instance, or did within the last second, whoever makes them.
    case used(Generation)
    /// The instance's process and its group are gone.
    case exited(Generation, ExitStatus)
    /// The machine's next deadline may have passed.
    case timeReached
    /// Somebody is going to run it by hand.
    case attach
    /// Nobody runs it by hand any more.
    case detach
}
