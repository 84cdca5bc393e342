/// The `[client]` table: how a program of the same machine calls the fleet.
package struct ClientSettings: Equatable, Sendable {
    /// Where to connect; any port of the fleet will do, since agents forward; by
    /// default `http://127.0.0.1:50051`.
    package var address = "http://127.0.0.1:50051"
    /// How long connecting may take (`connect_timeout_ms`), 5 s by default.
    package var connectTimeout: Duration = .milliseconds(5_000)
    /// How long a call may take (`request_timeout_ms`), 30 s by default.
    package var requestTimeout: Duration = .milliseconds(30_000)
    /// How often a call that is safe to repeat is repeated, 3 times by default.
    package var maxRetries = 3
    /// Whether calls share connections; they do by default.
    package var poolConnections = true

    /// Makes the default settings.
    package init() {}
}
