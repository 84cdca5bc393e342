import AgentManifest
import Glibc

/// What this process knows about itself.
enum ProcessFacts {
    /// The environment's variables.
    static var environment: [String: String] {
        var entries: [String] = []
        var next = environ
        while let entry = next.pointee {
            entries.append(String(cString: entry))
            next += 1
        }
        return variables(entries)
    }

    /// Reads the entries of an environment; the first of a name counts, as with getenv(3).
    ///
    /// - Parameter entries: Such as `HOME=/root`.
    /// - Returns: Values by the names of the variables.
    static func variables(_ entries: [String]) -> [String: String] {
        let pairs = entries.map {
            $0.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        }
        return Dictionary(
            pairs.filter { $0.count == 2 }.map { (String($0[0]), String($0[1])) },
            uniquingKeysWith: { first, _ in first })
    }

    /// Reads configurations as the supervisor does.
    ///
    /// - Parameters:
    ///   - file: The file that the command line names, if any.
    ///   - environment: The environment's variables.
    ///   - userID: Who the supervisor runs as.
    /// - Returns: The loader.
    static func configurationLoader(
        file: String?, environment: [String: String] = environment, userID: UInt32 = getuid()
    ) -> FleetConfigurationLoader {
        FleetConfigurationLoader(
            file: file, environment: environment, executableDirectory: ProgramLocator.ownDirectory,
            userID: userID)
    }
}
