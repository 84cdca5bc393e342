package import LinuxIO

/// Listening sockets that were bound for this process before it ran, by where they listen.
///
/// Their names would not tell them apart: all sockets of one socket unit have the same
/// (`FileDescriptorName=` of systemd.socket(5)).
package struct AdoptedListeners: ~Copyable {
    private var descriptors: [SocketAddress: CInt] = [:]
    private var kept: Set<SocketAddress> = []

    /// Makes an empty collection.
    package init() {}

    deinit {
        for descriptor in descriptors.values { _ = OwnedDescriptor(owning: descriptor) }
    }

    /// Where they listen.
    package var addresses: [SocketAddress] { Array(descriptors.keys) }

    /// Adds a socket; one that listens at the same place already is closed.
    ///
    /// - Parameters:
    ///   - descriptor: The socket.
    ///   - isKept: Whether it was kept for an earlier process (``ListenerKeeping``), rather than bound by
    ///     somebody else.
    /// - Throws: ``SystemError`` where it is no socket.
    package mutating func add(
        _ descriptor: consuming OwnedDescriptor, isKept: Bool = false
    ) throws(SystemError) {
        let address = try SocketAddress(localAddressOf: descriptor.rawValue)
        if isKept { kept.insert(address) }
        if let old = descriptors.updateValue(descriptor.release(), forKey: address) {
            _ = OwnedDescriptor(owning: old)
        }
    }

    /// Whether a socket was kept for an earlier process.
    ///
    /// - Parameter address: Where it listens.
    /// - Returns: `false` where somebody else bound it, or there is none.
    package func isKept(_ address: SocketAddress) -> Bool { kept.contains(address) }

    /// Takes all sockets out.
    ///
    /// - Returns: A collection with what this one had.
    package mutating func takeAll() -> AdoptedListeners {
        var taken = AdoptedListeners()
        swap(&taken.descriptors, &descriptors)
        taken.kept = kept
        return taken
    }

    /// Takes a socket out.
    ///
    /// - Parameter address: Where it listens.
    /// - Returns: `nil` where there is none.
    package mutating func take(_ address: SocketAddress) -> OwnedDescriptor? {
        descriptors.removeValue(forKey: address).map { OwnedDescriptor(owning: $0) }
    }
}
