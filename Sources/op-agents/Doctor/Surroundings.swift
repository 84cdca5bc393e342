import AgentAPI
import AgentClient
import AgentManifest

/// What the checks start from: the configuration, and the supervisor if one answers.
struct Surroundings: Sendable {
    let configuration: Result<FleetConfiguration, ConfigurationError>
    let supervisor: Result<Op_Supervisor_V1_StatusResponse, AgentCallError>
    /// The environment that agents get: the supervisor's where one runs and lets itself be read, else this
    /// process's.
    let environment: [String: String]
    /// Who the fleet runs as: the supervisor's user, else this process's.
    let userID: UInt32

    /// The agents of the configuration, if it can be used.
    var agents: [AgentManifest] { (try? configuration.get())?.agents ?? [] }

    /// The process of the supervisor that answers.
    var supervisorID: Int32? { (try? supervisor.get())?.pid }
}
