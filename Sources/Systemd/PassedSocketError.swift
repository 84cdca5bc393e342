/// A descriptor that was passed to this process and cannot be used.
package struct PassedSocketError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Its name, from `FileDescriptorName=` of the socket unit.
    package var name: String
    /// Its number; nil where the environment itself was not readable.
    package var descriptor: Int32?
    /// What is wrong.
    package var reason: String

    /// One sentence that starts with "cannot" and says the remedy.
    package var description: String {
        guard let descriptor else {
            return "cannot read LISTEN_FDS: \(reason); start this program through its socket unit"
        }
        return
            "cannot use the passed descriptor \(descriptor) (\(name)): \(reason); "
            + "the socket unit needs a ListenStream= for it"
    }
}
