import LinuxIO

/// An eventfd that several closures share.
final class SharedEvent: Sendable {
    private let event: EventFD

    init() throws(SystemError) {
        event = try EventFD()
    }

    /// For a watch that ends before this object does.
    var descriptor: CInt { event.descriptor.rawValue }

    func signal() { event.signal() }

    func clear() { event.clear() }
}
