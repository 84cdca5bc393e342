/// Why a health probe was not passed.
package enum ProbeFailure: Hashable, Sendable {
    /// The agent answered with another status than SERVING; the status.
    case answered(String)
    /// There was no answer in time, or none that says a status; half a sentence.
    case unanswered(String)
}

extension ProbeFailure: CustomStringConvertible {
    /// Half a sentence.
    package var description: String {
        switch self {
        case .answered(let status): "its health is \(status)"
        case .unanswered(let reason): reason
        }
    }
}
