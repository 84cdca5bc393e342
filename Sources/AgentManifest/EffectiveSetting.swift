/// A setting with the value that counts, wherever that was said.
package struct EffectiveSetting: Equatable, Sendable {
    /// The setting's key, from the outermost table: `["agents", "memory", "port"]`.
    package let path: [String]
    /// Its value, as the configuration file would write it.
    package let value: ConfigurationValue
    /// Where the value comes from.
    package let origin: SettingOrigin
}

extension EffectiveSetting {
    /// The table that the setting is written in: an agent's own, else the outermost.
    package var table: [String] {
        let isOfAgent = path.count > 2 && path[0] == "agents"
        return Array(path.prefix(isOfAgent ? 2 : 1))
    }

    /// The setting as a line of its table, such as `probes.interval = "5s"`.
    package var line: String {
        "\(ConfigurationValue.keyText(path.dropFirst(table.count))) = \(value.text)"
    }

    /// The header of its table, such as `[agents.memory]`.
    package var header: String { "[\(ConfigurationValue.keyText(table[...]))]" }
}
