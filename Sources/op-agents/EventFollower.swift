import AgentAPI
import AgentClient

/// Passes a supervisor's events on for as long as anybody wants them, whichever supervisor it is by then.
struct EventFollower {
    /// How long to wait for a supervisor that went away before it is asked again.
    private static let patience: Duration = .seconds(1)

    private let supervisor: SupervisorClient
    private let feed: EventFeed
    private let first: Op_Supervisor_V1_WatchEventsRequest

    /// Prepares to follow.
    ///
    /// - Parameters:
    ///   - supervisor: Whom to ask.
    ///   - feed: Takes the events.
    ///   - first: Which of the events that the supervisor has kept come first, and whose; all by default.
    init(
        _ supervisor: SupervisorClient, _ feed: EventFeed,
        first: Op_Supervisor_V1_WatchEventsRequest = .init()
    ) {
        self.supervisor = supervisor
        self.feed = feed
        self.first = first
    }

    /// Passes events on until the task is cancelled, and goes on after the last one where the connection was
    /// lost.
    ///
    /// - Parameter pid: The supervisor's process, as its status has it.
    func run(supervisorWithID pid: Int32) async {
        var pid = pid
        var request = first
        while !Task.isCancelled {
            do throws(AgentCallError) {
                try await supervisor.watchEvents(request) { [feed] in feed.add($0) }
            } catch {
                feed.breakOff(error.message)
            }
            try? await Task.sleep(for: Self.patience)
            // A new supervisor counts its events from 1, and all of them are news.
            if let status = try? await supervisor.status(), status.pid != pid {
                pid = status.pid
                feed.beginAnew()
                request.last = 0
            }
            request.afterSequence = feed.lastSequence
        }
    }
}
