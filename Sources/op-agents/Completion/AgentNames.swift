import AgentAPI
import AgentClient
import AgentManifest
import ArgumentParser

/// The agents' names, for the completion of a command line.
enum AgentNames {
    /// Finds the names: those of the fleet that runs, else those of the configuration.
    ///
    /// A shell asks while somebody types: nothing is printed where there is neither.
    ///
    /// - Parameters:
    ///   - words: The command line as far as it is typed; `--address` and `--config` in it count.
    ///   - environment: The environment's variables.
    /// - Returns: The names, in their order.
    static func find(
        _ words: [String], environment: [String: String] = ProcessFacts.environment
    ) async -> [String] {
        let configuration = try? ProcessFacts.configurationLoader(
            file: value(of: "--config", in: words), environment: environment
        ).load()
        let address =
            value(of: "--address", in: words) ?? environment["OP_AGENTS_ADDRESS"]
            ?? configuration?.supervisor.addresses.first?.description
            ?? FleetAddress.defaultAddress
        if let supervisor = try? SupervisorClient(address: address) {
            let status = try? await supervisor.status()
            await supervisor.close()
            if let status { return status.agents.map(\.id) }
        }
        return configuration?.agents.map(\.id.rawValue) ?? []
    }

    /// The value of an option, as `--name value` or `--name=value`.
    static func value(of option: String, in words: [String]) -> String? {
        for (index, word) in words.enumerated() {
            if word == option { return words.dropFirst(index + 1).first }
            if word.hasPrefix(option + "=") { return String(word.dropFirst(option.count + 1)) }
        }
        return nil
    }
}

extension CompletionKind {
    /// The agents' names.
    static var agents: CompletionKind {
        .custom { words, _, _ in await AgentNames.find(words) }
    }
}
