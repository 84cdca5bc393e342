import AgentManifest
import ArgumentParser
import Glibc

/// Where the supervisor is to be found.
struct FleetAddress: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where the supervisor listens: 127.0.0.1:50050 or unix:/PATH.",
            discussion:
                "By default $OP_AGENTS_ADDRESS, else the first address of the configuration file.",
            valueName: "address"))
    var address: String?

    @Option(
        help: ArgumentHelp(
            "The configuration file.",
            discussion: "By default $OP_AGENTS_CONFIG, else /etc/op-dbus/grpc.toml.",
            valueName: "file"))
    var config: String?

    /// The address to ask.
    ///
    /// A configuration that cannot be used is worth a warning and no more here: the supervisor may well run with
    /// an older one, and status is what one wants to see then.
    ///
    /// - Parameter environment: The environment's variables.
    /// - Returns: The address.
    func resolved(
        environment: [String: String] = ProcessFacts.environment
    ) -> String {
        if let given = address ?? environment["OP_AGENTS_ADDRESS"], !given.isEmpty { return given }
        do {
            let configuration = try ProcessFacts.configurationLoader(
                file: config, environment: environment
            ).load()
            if let first = configuration.supervisor.addresses.first { return first.description }
        } catch {
            StandardStream.error.writeLine(
                "op-agents: \(error)\nop-agents: asking \(Self.defaultAddress) instead")
        }
        return Self.defaultAddress
    }

    static let defaultAddress = "127.0.0.1:50050"
}
