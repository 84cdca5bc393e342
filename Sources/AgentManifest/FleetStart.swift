/// When the run-on-connection agents are started.
package enum FleetStart: String, CaseIterable, Sendable {
    /// With the supervisor, which is ready when they serve. The default.
    case boot
    /// With the first session; the supervisor is ready when the listeners are open.
    case connection
}
