/// Where the value of a setting comes from.
package enum SettingOrigin: Equatable, Sendable {
    /// Nobody said anything else.
    case byDefault
    /// A line of the configuration or of a manifest.
    case file(String, line: Int?)
    /// A variable of the environment.
    case environment(String)
}

extension SettingOrigin: CustomStringConvertible {
    /// Such as `default`, `/etc/op-dbus/grpc.toml:12` and `$STATE_DIRECTORY`.
    package var description: String {
        switch self {
        case .byDefault: "default"
        case .file(let file, let line): line.map { "\(file):\($0)" } ?? file
        case .environment(let variable): "$\(variable)"
        }
    }
}
