package import LinuxIO

/// What a fleet acts through: the real things, or their twins in tests.
package struct FleetEffects: Sendable {
    /// The thread that everything runs on.
    package let loop: EventLoop
    /// Tells the time.
    package let clock: any MonotonicClock
    /// Starts processes.
    package let starter: any InstanceStarting
    /// Asks agents for their health.
    package let health: any HealthCheckerMaking
    /// Lead from the ports of agents to the unix sockets that they listen on.
    package let relays: PortRelays
    /// Keeps the ports that it binds while the process is replaced.
    package let listeners: any ListenerKeeping

    /// Names the effects.
    ///
    /// - Parameters:
    ///   - loop: The thread that everything runs on.
    ///   - clock: Tells the time.
    ///   - starter: Starts processes.
    ///   - health: Asks agents for their health.
    ///   - relays: Lead from ports to unix sockets.
    ///   - listeners: Keeps the ports that it binds while the process is replaced.
    package init(
        loop: EventLoop, clock: any MonotonicClock, starter: any InstanceStarting,
        health: any HealthCheckerMaking, relays: PortRelays, listeners: any ListenerKeeping
    ) {
        self.loop = loop
        self.clock = clock
        self.starter = starter
        self.health = health
        self.relays = relays
        self.listeners = listeners
    }
}
