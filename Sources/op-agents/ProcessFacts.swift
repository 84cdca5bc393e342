import AgentManifest
import Glibc

/// What this process knows about itself.
enum ProcessFacts {
    /// The environment's variables; the first of a name counts, as with getenv(3).
    static var environment: [String: String] {
        var variables: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let parts = String(cString: text).split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2, variables[String(parts[0])] == nil {
                variables[String(parts[0])] = String(parts[1])
            }
            entry += 1
        }
        return variables
    }

    /// Reads configurations as the supervisor does.
    ///
    /// - Parameters:
    ///   - file: The file that the command line names, if any.
    ///   - environment: The environment's variables.
    /// - Returns: The loader.
    static func configurationLoader(
        file: String?, environment: [String: String] = environment
    ) -> FleetConfigurationLoader {
        FleetConfigurationLoader(
            file: file, environment: environment, executableDirectory: ProgramLocator.ownDirectory,
            userID: getuid())
    }
}
