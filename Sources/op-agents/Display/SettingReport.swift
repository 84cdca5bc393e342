import AgentManifest

/// A setting as `config show --json` prints it, for programs.
struct SettingReport: Encodable {
    /// The setting's key with its tables: `agents.memory.port`.
    var key: String
    var value: Value
    /// `default`, `file:line`, or `$VARIABLE`.
    var origin: String

    /// Takes over a setting.
    ///
    /// - Parameter setting: The setting.
    init(_ setting: EffectiveSetting) {
        key = ConfigurationValue.keyText(setting.path[...])
        value = Value(value: setting.value)
        origin = setting.origin.description
    }

    /// A value as JSON writes it.
    struct Value: Encodable {
        var value: ConfigurationValue

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch value {
            case .string(let text): try container.encode(text)
            case .integer(let number): try container.encode(number)
            case .double(let number): try container.encode(number)
            case .boolean(let flag): try container.encode(flag)
            case .array(let values): try container.encode(values.map(Value.init))
            case .table(let entries): try container.encode(entries.mapValues(Value.init))
            case .date: try container.encodeNil()
            }
        }
    }
}
