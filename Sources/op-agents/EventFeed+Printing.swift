import AgentAPI

extension EventFeed {
    /// Prints each event as a line, and on standard error why none come, once for each reason.
    ///
    /// - Parameter line: Writes an event; what it throws ends the printing.
    func print(
        _ line: (Op_Supervisor_V1_WatchEventsResponse) throws -> String
    ) async rethrows {
        var lastTrouble: String?
        for await _ in changes {
            let news = take()
            for event in news.events { StandardStream.output.writeLine(try line(event)) }
            if let trouble = news.trouble, trouble != lastTrouble {
                StandardStream.error.writeLine("op-agents: \(trouble)")
            }
            lastTrouble = news.trouble
        }
    }
}
