package import LinuxIO
package import Logging

/// What an agent may use of the world.
package struct AgentEnvironment: Sendable {
    /// The agent's id.
    package var agentID: String
    /// The path of a directory of its own, readable by its user alone.
    package var stateDirectory: String
    /// Carries the agent's id.
    package var logger: Logger
    /// Runs the agent's calls: nothing may block on it.
    package var eventLoop: EventLoop
    /// Keeps outputs that are too long for a result.
    package var artifacts: ArtifactStore
    /// The directories within which callers may name files.
    package var allowedRoots: [String]
    /// Keeps the paths of callers within those.
    package var paths: PathConfinement

    /// Creates an environment.
    ///
    /// - Parameters:
    ///   - agentID: The agent's id.
    ///   - stateDirectory: A directory that exists; artifacts go below it.
    ///   - logger: The agent's.
    ///   - eventLoop: Runs the agent's calls.
    ///   - allowedRoots: The directories within which callers may name files.
    ///   - variables: The environment variables: HOME.
    /// - Throws: `SystemError` where the artifact directory cannot be made.
    package init(
        agentID: String, stateDirectory: String, logger: Logger, eventLoop: EventLoop,
        allowedRoots: [String], variables: [String: String]
    ) throws(SystemError) {
        self.agentID = agentID
        self.stateDirectory = stateDirectory
        self.logger = logger
        self.eventLoop = eventLoop
        self.allowedRoots = allowedRoots
        artifacts = try ArtifactStore(directory: "\(stateDirectory)/artifacts")
        paths = PathConfinement(
            roots: allowedRoots, base: ProcessEnvironment.currentDirectory(),
            home: ProcessEnvironment.homeDirectory(variables))
    }
}
