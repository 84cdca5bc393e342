/// Why an agent is not serving although it should.
package enum Failure: Hashable, Sendable {
    /// Its process ended without being told to.
    case exited(ExitStatus)
    /// Its process could not be started; the diagnosis says why.
    case spawnFailed(String)
    /// It did not get ready in time.
    case startTimedOut(Duration, saidReady: Bool)
    /// It failed its health probes, the long one for busy agents included.
    case unresponsive(String)
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
        case .unresponsive(let reason): "failed its health probes: \(reason)"
        }
    }
}
