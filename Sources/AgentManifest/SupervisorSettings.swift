/// The `[supervisor]` table: where the supervisor listens, whom it serves and where it keeps things.
package struct SupervisorSettings: Equatable, Sendable {
    /// Where it listens: by default `127.0.0.1:50050` and `supervisor.sock` in the runtime directory.
    package var addresses: [ListenAddress]
    /// Where state and sockets are kept.
    package var directories: ServiceDirectories
    /// Who may call it and its agents beside root and its own user: by default nobody.
    package var allowed = AllowedAccounts()
    /// Where the fleet's metrics are served: by default `127.0.0.1:9464`; `nil`: nowhere.
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
