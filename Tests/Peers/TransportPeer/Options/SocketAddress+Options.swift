internal import LinuxIO

extension SocketAddress {
    /// Reads an address from the command line, also with `tcp://` before it.
    ///
    /// - Throws: ``UsageError`` where it is none.
    init(option text: String) throws(UsageError) {
        let scheme = "tcp://"
        do {
            try self.init(
                parsing: text.hasPrefix(scheme) ? String(text.dropFirst(scheme.count)) : text)
        } catch {
            throw UsageError(reason: "\(error)")
        }
    }
}
