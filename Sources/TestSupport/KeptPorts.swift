private import Synchronization
internal import SupervisorRuntime

/// Remembers the ports of the sockets that a fleet wants to be kept.
package final class KeptPorts: ListenerKeeping {
    private let ports = Mutex<Set<UInt16>>([])

    /// Keeps nothing at first.
    package init() {}

    /// The ports that are kept now.
    package var all: Set<UInt16> { ports.withLock { $0 } }

    package func keep(_ descriptor: Int32, port: UInt16) {
        _ = ports.withLock { $0.insert(port) }
    }

    package func discard(port: UInt16) {
        _ = ports.withLock { $0.remove(port) }
    }
}
