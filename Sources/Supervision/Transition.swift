/// A change of state and what led to it.
package struct Transition: Hashable, Sendable {
    /// The state before.
    package let from: AgentState
    /// The state after.
    package let to: AgentState
    /// What led to it.
    package let cause: Cause

    /// Puts a transition together.
    ///
    /// - Parameters:
    ///   - from: The state before.
    ///   - to: The state after.
    ///   - cause: What led to it.
    package init(from: AgentState, to: AgentState, cause: Cause) {
        self.from = from
        self.to = to
        self.cause = cause
    }

    /// Why an agent's state changes.
    package enum Cause: Hashable, Sendable {
        case operatorStarted, operatorStopped, operatorRestarted
        case reconfigured
        case needed, connectionWaiting, nextTry
        case passedProbe
        case idle
        case ended(ExitStatus)
        case failed(Failure)
        case graceOver
        case attached, detached
        case probeOfExternal(passed: Bool)
    }
}

extension Transition.Cause: CustomStringConvertible {
    /// Half a sentence with the agent as its subject.
    package var description: String {
        switch self {
        case .operatorStarted: "was told to start"
        case .operatorStopped: "was told to stop"
        case .operatorRestarted: "was told to restart"
        case .reconfigured: "has new settings"
        case .needed: "is needed"
        case .connectionWaiting: "has a connection waiting"
        case .nextTry: "is tried again"
        case .passedProbe: "passed a health probe"
        case .idle: "was idle"
        case .ended(let status): "\(status)"
        case .failed(let failure): "\(failure)"
        case .graceOver: "did not end in time"
        case .attached: "is run by hand"
        case .detached: "is no longer run by hand"
        case .probeOfExternal(let passed):
            passed ? "passed a health probe" : "failed a health probe"
        }
    }
}
