/// One thing that a check looked at.
struct Finding: Equatable, Encodable {
    /// How it is.
    enum Verdict: String, Encodable {
        /// As it should be.
        case ok
        /// The fleet runs, but less well than it could.
        case warning
        /// Something of the fleet does not work.
        case error
    }

    /// What was looked at, in a word.
    let subject: String
    let verdict: Verdict
    /// Half a sentence about the subject.
    let message: String
    /// What to do; absent where nothing need be done.
    let remedy: String?

    /// All is well.
    static func ok(_ subject: String, _ message: String) -> Finding {
        Finding(subject: subject, verdict: .ok, message: message, remedy: nil)
    }

    /// The fleet runs, but could do better.
    static func warning(_ subject: String, _ message: String, remedy: String) -> Finding {
        Finding(subject: subject, verdict: .warning, message: message, remedy: remedy)
    }

    /// Something does not work.
    static func error(_ subject: String, _ message: String, remedy: String) -> Finding {
        Finding(subject: subject, verdict: .error, message: message, remedy: remedy)
    }
}
