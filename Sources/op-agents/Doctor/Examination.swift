import AgentManifest

/// Everything that `doctor` looks at, in the order in which it is shown.
struct Examination {
    let findings: [Finding]

    /// Makes every check; blocks while programs are asked for their versions.
    ///
    /// - Parameter surroundings: What the checks start from.
    init(_ surroundings: Surroundings) {
        let allowed = (try? surroundings.configuration.get())?.supervisor.allowed
        let checks: [(any Check)?] = [
            ConfigurationCheck(configuration: surroundings.configuration),
            SupervisorCheck(status: surroundings.supervisor),
            PortsCheck(surroundings),
            DirectoriesCheck(surroundings),
            allowed.map { CallersCheck(allowed: $0) },
            ToolchainCheck(surroundings),
            SystemdCheck(surroundings),
            CgroupCheck(surroundings),
            LimitsCheck(surroundings),
            KernelCheck(),
            ClockCheck(),
        ]
        findings = checks.compactMap { $0 }.flatMap { $0.findings() }
    }

    /// How the program ends.
    var exitStatus: ExitStatus {
        findings.contains { $0.verdict == .error } ? .down : .fine
    }
}
