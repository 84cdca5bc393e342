import Glibc
import LinuxIO

/// A control group of one test, below this process's own.
///
/// Where this user may make some, which needs root or a delegated one.
final class ScratchCgroup: Sendable {
    let name: String
    let cgroup: Cgroup
    private let own: Cgroup

    init() throws {
        guard let own = try Cgroup.own() else { throw SystemError("find cgroups", code: ENOENT) }
        self.own = own
        name = "op-agents-test-\(UInt64.random(in: 0 ... .max))"
        cgroup = try own.makeChild(name)
    }

    deinit {
        do {
            // This process may have moved in.
            try own.enter()
            try cgroup.kill()
            try cgroup.awaitEmptiness(within: .seconds(30))
            try cgroup.remove()
        } catch {
            print("\(error)")
        }
    }

    static let isPossible: Bool = {
        guard let own = try? Cgroup.own() else { return false }
        return access(own.path, W_OK) == 0
    }()
}
