import AgentAPI
import Synchronization

/// Events on their way from the supervisor to the eye: many that come at once make one change.
final class EventFeed: Sendable {
    /// What has come since it was last asked for.
    struct News: Sendable {
        var events: [Op_Supervisor_V1_WatchEventsResponse] = []
        /// Why no more events come; nil while they do.
        var trouble: String?
    }

    /// Yields when there may be news.
    let changes: AsyncStream<Void>

    private struct State {
        var news = News()
        var lastSequence: UInt64 = 0
    }

    private let state = Mutex(State())
    private let change: AsyncStream<Void>.Continuation

    init() {
        (changes, change) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// The number of the last event; 0 before the first.
    var lastSequence: UInt64 { state.withLock { $0.lastSequence } }

    /// Takes an event in.
    ///
    /// - Parameter event: The event.
    func add(_ event: Op_Supervisor_V1_WatchEventsResponse) {
        state.withLock { state in
            state.news.events.append(event)
            state.news.trouble = nil
            state.lastSequence = event.sequence
        }
        change.yield()
    }

    /// Takes note that the events to come are counted from 1.
    func beginAnew() {
        state.withLock { $0.lastSequence = 0 }
    }

    /// Takes note that the stream of events broke off.
    ///
    /// - Parameter reason: One sentence.
    func breakOff(_ reason: String) {
        state.withLock { $0.news.trouble = reason }
        change.yield()
    }

    /// Says that there may be news of another kind.
    func touch() {
        change.yield()
    }

    /// Gives what has come, and forgets it.
    ///
    /// - Returns: The events in their order, and the trouble, each once.
    func take() -> News {
        state.withLock { state in
            defer { state.news = News() }
            return state.news
        }
    }
}
