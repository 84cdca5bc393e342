/// The `[supervisor]` table: where the supervisor listens, whom it serves and where it keeps things.
package struct SupervisorSettings: Equatable, Sendable {
    /// Where it listens: by default `127.0.0.1:50050` and `supervisor.sock` in the runtime directory.
    package var addresses: [ListenAddress]
    /// Users, by name or number, that are served besides root and the supervisor's own.
    package var allowedUsers: [String] = []
    /// Groups, by name or number, whose members are served.
    package var allowedGroups: [String] = []
    /// Where state and sockets are kept.
    package var directories: ServiceDirectories
    /// Where Prometheus' text is served; `nil` for nowhere, `127.0.0.1:9464` by default.
    package var metricsAddress: ListenAddress? = .tcp(host: "127.0.0.1", port: 9464)

    /// Makes the default settings.
    ///
    /// - Parameter directories: Where state and sockets are kept.
    package init(directories: ServiceDirectories) {
        self.directories = directories
        addresses = [
            .tcp(host: "127.0.0.1", port: 50050),
            .unix(path: directories.runtime + "/supervisor.sock"),
        ]
    }
}
