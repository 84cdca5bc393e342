/// What must hold whatever happens, and did not.
struct BrokenRule: Error, Equatable, CustomStringConvertible {
    let rule: String
    let detail: String

    var description: String { detail.isEmpty ? rule : "\(rule): \(detail)" }

    /// Throws unless a rule holds.
    static func unless(
        _ holds: Bool, _ rule: String, _ detail: @autoclosure () -> String = ""
    ) throws(BrokenRule) {
        if !holds { throw BrokenRule(rule: rule, detail: detail()) }
    }
}
