import AgentManifest

/// Whether the agents can get as many open files as their manifests want.
struct LimitsCheck: Check {
    /// The most open files that the supervisor may give; `nil` where that is not known.
    let openFiles: Int?
    /// What the agents want, by their names.
    let wanted: [String: Int]

    func findings() -> [Finding] {
        guard let openFiles else {
            return [.ok("limits", "those of the supervisor can only be seen by its user and root")]
        }
        let tooLow = wanted.filter { $0.value > openFiles }.keys.sorted()
        guard tooLow.isEmpty else {
            return tooLow.map {
                .error(
                    "limits", "\($0) wants more open files than the \(openFiles) that may be given",
                    remedy:
                        "LimitNOFILE= in the unit, ulimit -Hn, or agents.\($0).limits.open_files")
            }
        }
        return [.ok("limits", "\(openFiles) open files")]
    }
}

extension LimitsCheck {
    /// Reads the limits of the supervisor that runs, else those that one would inherit from this process.
    init(_ surroundings: Surroundings) {
        let process = surroundings.supervisorID.map(String.init) ?? "self"
        openFiles = SmallFile.text("/proc/\(process)/limits").flatMap(Self.hardOpenFiles)
        let limits = surroundings.agents.map { ($0.id.rawValue, $0.limits.openFiles ?? 0) }
        wanted = Dictionary(limits, uniquingKeysWith: { first, _ in first })
    }

    /// The hard limit of open files in the text of /proc/PID/limits (proc(5)).
    static func hardOpenFiles(_ text: String) -> Int? {
        guard
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix("Max open files") })
        else { return nil }
        let words = line.split(separator: " ")
        guard words.count > 4 else { return nil }
        return words[4] == "unlimited" ? .max : Int(words[4])
    }
}
