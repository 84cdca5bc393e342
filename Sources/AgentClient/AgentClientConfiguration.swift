/// How to reach the fleet, and how patient to be with it.
///
/// The keys and defaults are those of the `[client]` table of `grpc.toml`.
public struct AgentClientConfiguration: Sendable, Hashable {
    /// A port of the fleet: `127.0.0.1:50051`, `[::1]:50051`, `unix:/path`, or with `http://` before it.
    ///
    /// Any port will do, the supervisor's or an agent's, since agents forward. `http://127.0.0.1:50051` by
    /// default.
    public var address = "http://127.0.0.1:50051"

    /// How long connecting may take; 5 s by default.
    public var connectTimeout: Duration = .milliseconds(5_000)

    /// How long a call may take where the call itself does not say; 30 s by default.
    ///
    /// It covers a call with all its retries. Streams have no limit of their own, since they show what
    /// they do: give an ``AgentCall/timeout`` to limit one.
    public var requestTimeout: Duration = .milliseconds(30_000)

    /// How often a call that failed with UNAVAILABLE is repeated, where that is safe; 3 by default.
    ///
    /// It is safe where the request was never sent, and for operations that say they are read-only.
    public var maxRetries = 3

    /// Whether each agent that is called gets a connection of its own, which is kept; true by default.
    ///
    /// Otherwise all calls go over the one connection to ``address`` and are forwarded there: fewer
    /// connections, one hop more.
    public var poolConnections = true

    /// Creates a configuration with the defaults.
    public init() {}

    /// Creates a configuration with the defaults and an address.
    ///
    /// - Parameter address: A port of the fleet, in the forms of ``address``.
    public init(address: String) {
        self.address = address
    }
}
