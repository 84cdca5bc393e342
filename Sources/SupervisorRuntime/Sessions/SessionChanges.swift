package import Supervision

/// What is to be saved of sessions, since the last time.
package struct SessionChanges: Sendable {
    /// Sessions that ended, and are to be forgotten first.
    package var ended: [SessionID] = []
    /// Sessions that are new or changed.
    package var sessions: [Session] = []
    /// What was learned from sessions, all of it; `nil` where that has not changed.
    package var prewarming: PrewarmPolicy?

    /// Makes an empty set of changes.
    package init() {}
}
