/// Why an agent is not serving although it should.
package enum Failure: Hashable, Sendable {
    /// Its process ended without being told to.
    case exited(ExitStatus)
    /// Its process could not be started; the diagnosis says why.
    case spawnFailed(String)
    /// It did not get ready in time.
    case startTimedOut(Duration, saidReady: Bool)
    /// It failed its health probes, the long one for busy agents included.
    case unhealthy(ProbeFailure)
}

extension Failure {
    /// Whether a process that failed so can be asked to finish its calls.
    ///
    /// One that does not answer its health probes would not answer SIGTERM either.
    var canDrain: Bool {
        if case .unhealthy(.answered) = self { true } else { false }
    }
}

extension Failure: CustomStringConvertible {
    /// Half a sentence with the agent as its subject.
    package var description: String {
        switch self {
        case .exited(let status): "\(status)"
        case .spawnFailed(let diagnosis): diagnosis
        case .startTimedOut(let time, false): "did not say READY=1 within \(time)"
        case .startTimedOut(let time, true):
            "said READY=1 but did not pass a health probe within \(time)"
        case .unhealthy(let reason): "failed its health probes: \(reason)"
        }
    }
}
