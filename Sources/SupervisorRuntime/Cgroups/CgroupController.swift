/// What control groups can limit, of which the supervisor makes use (cgroups(7)).
package enum CgroupController: String, CaseIterable, Sendable {
    case memory
    case pids
    case cpu

    /// What it limits, for people.
    var subject: String {
        switch self {
        case .memory: "memory"
        case .pids: "processes"
        case .cpu: "CPU"
        }
    }
}
