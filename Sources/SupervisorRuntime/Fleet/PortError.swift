private import Glibc
package import LinuxIO

/// An address that could not be listened on.
package struct PortError: Error, Equatable, Sendable {
    /// What the system said.
    package let cause: SystemError
    /// Where it was to listen.
    package let address: SocketAddress
    /// Who listens there; `nil` if that is not known or not the reason.
    package let holder: PortHolder?

    /// Finds out why an address could not be listened on.
    ///
    /// - Parameters:
    ///   - cause: What the system said.
    ///   - address: Where it was to listen.
    package init(_ cause: SystemError, address: SocketAddress) {
        self.cause = cause
        self.address = address
        holder = cause.code == EADDRINUSE ? address.port.flatMap(PortHolder.find) : nil
    }

    /// One sentence that starts with "cannot".
    ///
    /// - Parameters:
    ///   - user: Who was to listen, such as an agent.
    ///   - key: The configuration's key that would change the address.
    /// - Returns: The sentence.
    package func sentence(for user: String, key: String) -> String {
        let start = "cannot bind \(address) for \(user): "
        guard cause.code == EADDRINUSE else {
            return start + String(cString: strerror(cause.code)) + "; set \(key)"
        }
        guard let holder else {
            return start + "address in use by a process that this user may not see; "
                + "end it or set \(key)"
        }
        return start + "address in use by pid \(holder.pid) (\(holder.command)); "
            + "stop it or set \(key)"
    }
}
