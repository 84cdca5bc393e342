import AgentAPI

/// A line of an agent's output with its time.
enum LogLine {
    /// Writes the line, after a word on lines that were left out before it.
    ///
    /// - Parameters:
    ///   - line: What the agent wrote. Colours that the agent put into it stay.
    ///   - previous: The number of the line before; 0 where it is the first.
    ///   - palette: Paints the time.
    /// - Returns: One line, or two.
    static func texts(
        _ line: Op_Supervisor_V1_LogsResponse, after previous: UInt64, _ palette: Palette
    ) -> [String] {
        var texts: [String] = []
        if previous > 0, line.sequence > previous + 1 {
            let count = line.sequence - previous - 1
            texts.append(
                palette.paint("... \(count) lines left out by the rate limit", .changing))
        }
        let mark = line.isCut ? palette.paint(" [cut, goes on]", .changing) : ""
        texts.append(
            palette.paint(WallClock.timeOfDay(line.at), .faint) + "  " + line.line + mark)
        return texts
    }
}
