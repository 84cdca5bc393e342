import AgentManifest

/// Settings as a configuration file, with the origin of each as a comment.
enum SettingsView {
    /// No origin stands further to the right: one long value would push all others out of sight.
    private static let furthestColumn = 60

    /// The lines to show.
    ///
    /// - Parameters:
    ///   - settings: The settings, those of a table together.
    ///   - palette: Paints headers and origins.
    /// - Returns: TOML that a configuration file may hold.
    static func lines(_ settings: [EffectiveSetting], _ palette: Palette) -> [String] {
        let widths = settings.map(\.line.count).filter { $0 <= furthestColumn }
        let column = widths.max() ?? 0
        var lines: [String] = []
        var table: [String] = []
        for setting in settings {
            if setting.table != table {
                if !lines.isEmpty { lines.append("") }
                lines.append(palette.paint(setting.header, .heading))
                table = setting.table
            }
            let padding = String(repeating: " ", count: max(0, column - setting.line.count))
            let origin = palette.paint("# \(setting.origin)", .faint)
            lines.append("\(setting.line)\(padding)  \(origin)")
        }
        return lines
    }
}
