private import ArgumentParser
private import Glibc
private import Logging

/// An agent: a program that offers operations on a port of its own.
///
/// A type with `@main` that conforms is a whole program. It adopts the sockets that it was passed or binds its own, serves
/// health, reflection and `AgentService` beside its typed services, says when it is ready, and drains when it is asked to end.
package protocol Agent: SendableMetatype {
    /// The manifest's id: "memory".
    static var id: String { get }
    /// Where it listens unless told otherwise, on 127.0.0.1.
    static var defaultPort: UInt16 { get }
    /// One line: what it is for.
    static var summary: String { get }
    /// How long calls may go on once the agent was asked to end; 4 s by default.
    ///
    /// Shorter than the `grace` of the manifest, after which the supervisor kills it.
    static var gracePeriod: Duration { get }

    /// Makes what the agent serves. The agent is not ready before this returns.
    ///
    /// - Parameter environment: What it may use.
    /// - Returns: What the agent serves.
    /// - Throws: Why it cannot start, as one sentence that begins with "cannot".
    static func make(in environment: AgentEnvironment) async throws -> AgentServices
}

extension Agent {
    package static var gracePeriod: Duration { .seconds(4) }

    /// Runs the agent until it is asked to end; the process then exits with 0, or with 1 where it could not start.
    package static func main() {
        let options = AgentCommand<Self>.parseOrExit().options
        let logger = AgentLog(agentID: id, level: options.logLevel).logger
        Task {
            do {
                try await AgentProcess(Self.self, options: options, logger: logger).run()
                exit(0)
            } catch {
                logger.critical("\(error)")
                exit(1)
            }
        }
        while true { pause() }
    }
}
