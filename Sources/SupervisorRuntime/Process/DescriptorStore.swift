internal import LinuxIO
internal import Logging
internal import Systemd

/// systemd's store of descriptors (`FileDescriptorStoreMax=` of systemd.service(5)), which keeps the ports that no
/// socket unit has.
///
/// Without systemd, or with room for none, nothing is kept, and a port is closed as long as no supervisor runs.
struct DescriptorStore: ListenerKeeping {
    private static let prefix = "port-"

    private let notifier = SystemdNotifier()
    private let logger: Logger

    /// Makes a store.
    ///
    /// - Parameter logger: Told where systemd cannot be.
    init(logger: Logger) {
        self.logger = logger
    }

    /// Whether a passed socket comes from here, by its name.
    static func isName(_ name: String) -> Bool { name.hasPrefix(prefix) }

    func keep(_ descriptor: Int32, port: UInt16) {
        attempt { () throws(SystemError) in
            try notifier.store(descriptor, name: Self.prefix + String(port))
        }
    }

    func discard(port: UInt16) {
        attempt { () throws(SystemError) in
            try notifier.removeStored(name: Self.prefix + String(port))
        }
    }

    private func attempt(_ body: () throws(SystemError) -> Void) {
        do {
            try body()
        } catch {
            logger.warning("\(error)")
        }
    }
}
