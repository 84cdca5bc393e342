/// How an agent's health is asked for while it runs.
package struct ProbePolicy: Equatable, Sendable {
    /// The time between two probes, 5 s by default.
    package var interval: Duration = .seconds(5)
    /// How long an answer may take, 1 s by default.
    package var timeout: Duration = .seconds(1)
    /// How many probes in a row must fail before the agent counts as unhealthy, 3 by
    /// default.
    package var threshold = 3
    /// How long the last probe of an unhealthy agent may take, 10 s by default.
    ///
    /// It gets this one before it is killed, since it may only be busy.
    package var busyTimeout: Duration = .seconds(10)

    /// Makes the default policy.
    package init() {}
}
