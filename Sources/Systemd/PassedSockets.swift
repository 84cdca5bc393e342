private import CSystemd
private import Glibc
package import LinuxIO

/// The listening sockets that whoever started this process bound for it (sd_listen_fds(3)).
///
/// Those that nobody takes are closed with this value.
package struct PassedSockets: ~Copyable {
    private struct Entry {
        let name: String
        let descriptor: CInt
    }

    private var entries: [Entry] = []

    /// Takes what was passed to this process, once.
    ///
    /// The environment variables are removed, so that no child mistakes them for its own; a later
    /// call finds nothing.
    ///
    /// Call it before other threads exist, since it changes the environment.
    ///
    /// - Throws: ``PassedSocketError`` for a descriptor that is not a listening stream socket.
    package init() throws(PassedSocketError) {
        var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
        let count = sd_listen_fds_with_names(1, &names)
        defer { Self.free(names) }
        guard count >= 0 else {
            throw PassedSocketError(
                name: "", descriptor: nil, reason: String(cString: strerror(-count)))
        }
        entries = (0..<Int(count)).map { index in
            let name = names?[index].map { String(cString: $0) } ?? "unknown"
            return Entry(name: name, descriptor: Self.firstDescriptor + CInt(index))
        }
        for entry in entries { try Self.check(entry) }
    }

    deinit {
        for entry in entries { close(entry.descriptor) }
    }

    /// The names in the order they were passed; several sockets may have the same one.
    package var names: [String] { entries.map(\.name) }

    /// Takes the first socket of a name, or nil.
    package mutating func take(name: String) -> OwnedDescriptor? {
        guard let index = entries.firstIndex(where: { $0.name == name }) else { return nil }
        return OwnedDescriptor(owning: entries.remove(at: index).descriptor)
    }

    /// Takes the first socket, whatever its name, or nil.
    package mutating func takeFirst() -> OwnedDescriptor? {
        entries.isEmpty ? nil : OwnedDescriptor(owning: entries.removeFirst().descriptor)
    }

    private static let firstDescriptor: CInt = 3  // SD_LISTEN_FDS_START

    /// libsystemd has made it close-on-exec already.
    private static func check(_ entry: Entry) throws(PassedSocketError) {
        let result = sd_is_socket(entry.descriptor, AF_UNSPEC, CInt(SOCK_STREAM.rawValue), 1)
        guard result <= 0 else { return }
        let reason =
            result < 0 ? String(cString: strerror(-result)) : "it is not a listening stream socket"
        throw PassedSocketError(name: entry.name, descriptor: entry.descriptor, reason: reason)
    }

    private static func free(_ names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) {
        guard let names else { return }
        var next = names
        while let name = next.pointee {
            Glibc.free(name)
            next += 1
        }
        Glibc.free(names)
    }
}
