internal import Logging

/// The log of an agent's process: its own lines, and those that libraries write through swift-log.
struct AgentLog {
    let logger: Logger

    /// Directs all of swift-log to standard error.
    ///
    /// Once in a process.
    init(agentID: String, level: Logger.Level) {
        LoggingSystem.bootstrap { _ in StandardErrorLog(level: level) }
        var logger = Logger(label: agentID)
        logger[metadataKey: "agent"] = .string(agentID)
        self.logger = logger
    }
}
