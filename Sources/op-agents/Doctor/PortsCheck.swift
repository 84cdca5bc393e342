import AgentAPI
import AgentManifest
import LinuxIO

/// Whether each port of the fleet is free, or the fleet's own.
struct PortsCheck: Check {
    /// A port, and who listens on it.
    struct Port: Equatable, Sendable {
        let number: UInt16
        /// What it is for, such as `memory`.
        let user: String
        /// The configuration's key that would change it.
        let key: String
        let isTaken: Bool
        /// `nil` where nobody listens, or somebody whom this user may not see.
        let holder: PortHolder?
    }

    let ports: [Port]
    /// The fleet's processes; systemd holds ports for them.
    let ownProcesses: Set<Int32>

    func findings() -> [Finding] {
        let ours = ports.filter { $0.holder.map { ownProcesses.contains($0.pid) } == true }
        let free = ports.filter { !$0.isTaken }
        var findings: [Finding] = []
        if !ours.isEmpty { findings.append(.ok("ports", "\(Self.list(ours)): the fleet's own")) }
        if !free.isEmpty { findings.append(.ok("ports", "\(Self.list(free)): free")) }
        for port in ports where port.isTaken {
            guard let holder = port.holder else {
                // Of another user, such as the service: whether it is ours cannot be seen.
                findings.append(
                    .warning(
                        "ports",
                        "\(port.number) of \(port.user) is taken by a process that this user may not see",
                        remedy: "look again as root"))
                continue
            }
            guard !ownProcesses.contains(holder.pid) else { continue }
            findings.append(
                .error(
                    "ports",
                    "\(port.number) of \(port.user) is taken by pid \(holder.pid) (\(holder.command))",
                    remedy: "stop that, or set \(port.key)"))
        }
        return findings
    }

    private static func list(_ ports: [Port]) -> String {
        ports.map { "\($0.number)" }.joined(separator: ", ")
    }
}

extension PortsCheck {
    /// Looks who listens where the configuration has the fleet listen.
    init(_ surroundings: Surroundings) {
        var wanted: [(number: UInt16, user: String, key: String)] = []
        if let settings = try? surroundings.configuration.get().supervisor {
            for address in settings.addresses {
                if let port = address.port {
                    wanted.append((port, "the supervisor", "supervisor.addresses"))
                }
            }
            if let port = settings.metricsAddress?.port {
                wanted.append((port, "the metrics", "supervisor.metrics_address"))
            }
        }
        wanted += surroundings.agents.map { ($0.port, "\($0.id)", "agents.\($0.id).port") }
        ports = wanted.map {
            Port(
                number: $0.number, user: $0.user, key: $0.key,
                isTaken: PortHolder.isTaken($0.number),
                holder: PortHolder.find(listeningOn: $0.number))
        }
        let status = try? surroundings.supervisor.get()
        // systemd has them for op-supervisor.socket.
        let own = [status?.pid, 1].compactMap { $0 } + (status?.agents.map(\.pid) ?? [])
        ownProcesses = Set(own.filter { $0 > 0 })
    }
}
