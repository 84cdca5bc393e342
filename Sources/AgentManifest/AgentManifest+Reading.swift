extension AgentManifest {
    /// Reads what only a manifest says and the fleet's configuration cannot change.
    mutating func readIdentity(from reader: TableReader) {
        description = reader.text("description") ?? description
        operations = reader.strings("operations") ?? operations
    }

    /// Reads the settings that a manifest and an `[agents.NAME]` table have in common.
    ///
    /// What is not said stays as it is; the environment's variables are added one by one.
    mutating func readSettings(from reader: TableReader) {
        arguments = reader.strings("args") ?? arguments
        for key in ["environment", "env"] {
            environment.merge(reader.stringTable(key) ?? [:]) { _, new in new }
        }
        gracePeriod = reader.duration("grace", in: .zero ... .seconds(600)) ?? gracePeriod
        startTimeout =
            reader.duration("start_timeout", in: .milliseconds(100) ... .seconds(600))
            ?? startTimeout
        start = reader.choice("start", of: StartPolicy.self) ?? start
        listen = reader.choice("listen", of: ListenPolicy.self) ?? listen
        if let table = reader.table("probes") { probes.read(from: table) }
        if let table = reader.table("limits") { limits.read(from: table) }
    }
}

extension ProbePolicy {
    fileprivate mutating func read(from reader: TableReader) {
        interval = reader.duration("interval", in: .milliseconds(50) ... .seconds(3600)) ?? interval
        timeout = reader.duration("timeout", in: .milliseconds(10) ... .seconds(600)) ?? timeout
        threshold = reader.integer("threshold", in: 1...100) ?? threshold
        busyTimeout =
            reader.duration("busy_timeout", in: .milliseconds(10) ... .seconds(3600)) ?? busyTimeout
        reader.reportUnknownKeys()
    }
}

extension ResourceLimits {
    fileprivate mutating func read(from reader: TableReader) {
        // Less does not even map the Swift runtime.
        memory = reader.byteCount("memory", atLeast: 16 << 20) ?? memory
        processes = reader.integer("processes", in: 1...1_000_000) ?? processes
        cpuWeight = reader.integer("cpu_weight", in: 1...10_000) ?? cpuWeight
        openFiles = reader.integer("open_files", in: 16...1_048_576) ?? openFiles
        oomScoreAdjust = reader.integer("oom_score_adjust", in: -1000...1000) ?? oomScoreAdjust
        reader.reportUnknownKeys()
    }
}
