import Glibc
import LinuxIO

/// A pipe whose reading end does not block (pipe(7)).
struct Pipe: ~Copyable {
    let reader: OwnedDescriptor
    let writer: OwnedDescriptor

    init() throws(SystemError) {
        var ends: [CInt] = [-1, -1]
        guard pipe(&ends) == 0, fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0 else {
            throw SystemError("make a pipe")
        }
        reader = OwnedDescriptor(owning: ends[0])
        writer = OwnedDescriptor(owning: ends[1])
    }

    /// Gives the writing end away.
    consuming func split(
        _ body: (borrowing OwnedDescriptor, consuming OwnedDescriptor) throws -> Void
    ) rethrows {
        try body(reader, writer)
    }
}
