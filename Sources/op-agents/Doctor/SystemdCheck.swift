/// How systemd keeps the fleet, where it is the init of this machine.
struct SystemdCheck: Check {
    /// A unit as systemd has it: its properties by their names (systemctl show).
    struct Unit: Equatable, Sendable {
        let name: String
        let properties: [String: String]

        fileprivate var isInstalled: Bool { properties["LoadState"] == "loaded" }
        fileprivate var state: String { properties["ActiveState"] ?? "unknown" }
        fileprivate var isEnabled: Bool {
            ["enabled", "enabled-runtime", "static", "alias"].contains(properties["UnitFileState"])
        }
    }

    /// The version; `nil` where systemd does not run.
    let version: String?
    let units: [Unit]
    /// A user whose own service would end with the last login, since it does not linger.
    let unlingeringUser: String?

    func findings() -> [Finding] {
        guard let version else {
            return [
                .warning(
                    "systemd", "does not run here: nobody starts the fleet at boot",
                    remedy: "start op-supervisor from whatever is the init")
            ]
        }
        var findings: [Finding] = [.ok("systemd", version)]
        findings += units.map(finding)
        if let user = unlingeringUser {
            findings.append(
                .warning(
                    "systemd", "services of \(user) end with the last login",
                    remedy: "loginctl enable-linger \(user)"))
        }
        return findings
    }

    private func finding(_ unit: Unit) -> Finding {
        guard unit.isInstalled else {
            return .warning(
                "systemd", "\(unit.name) is not installed", remedy: "make install, as root")
        }
        if unit.state == "failed" {
            return .error(
                "systemd", "\(unit.name) failed (\(unit.properties["Result"] ?? "unknown"))",
                remedy: "journalctl -u \(unit.name)")
        }
        guard unit.isEnabled else {
            return .warning(
                "systemd", "\(unit.name) is \(unit.state), and not started at boot",
                remedy: "systemctl enable \(unit.name)")
        }
        return .ok("systemd", "\(unit.name) is \(unit.state)")
    }
}

extension SystemdCheck {
    /// Asks systemd.
    init(_ surroundings: Surroundings) {
        // The test that sd_booted(3) makes.
        guard FileFacts("/run/systemd/system") != nil else {
            self.init(version: nil, units: [], unlingeringUser: nil)
            return
        }
        let version = ProgramOutput.text(["systemctl", "--version"])
        let units = ["op-supervisor.service", "op-supervisor.socket"].map { name in
            let text = ProgramOutput.text([
                "systemctl", "show", name, "--property",
                "LoadState,ActiveState,UnitFileState,Result",
            ])
            return Unit(name: name, properties: Self.properties(text ?? ""))
        }
        // A unit of the system needs nobody to log in; a user's own service does.
        let user = surroundings.environment["USER"] ?? ""
        let lingers =
            units.contains { $0.isInstalled } || surroundings.userID == 0 || user.isEmpty
            || FileFacts("/var/lib/systemd/linger/\(user)") != nil
        self.init(
            version: version?.split(separator: "\n").first.map(String.init) ?? "runs",
            units: units, unlingeringUser: lingers ? nil : user)
    }

    /// Reads `Key=Value` lines.
    static func properties(_ text: String) -> [String: String] {
        let pairs = text.split(separator: "\n").map { $0.split(separator: "=", maxSplits: 1) }
        return Dictionary(
            pairs.map { (String($0[0]), $0.count > 1 ? String($0[1]) : "") },
            uniquingKeysWith: { first, _ in first })
    }
}
