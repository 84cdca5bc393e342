private import CProcess
private import Glibc
internal import LinuxIO

/// Both ends of a pipe, close-on-exec (pipe(7)).
struct Pipe: ~Copyable, Sendable {
    let readingEnd: OwnedDescriptor
    let writingEnd: OwnedDescriptor

    init() throws(SystemError) {
        var ends: [CInt] = [-1, -1]
        guard process_pipe(&ends) == 0 else { throw SystemError("make a pipe") }
        readingEnd = OwnedDescriptor(owning: ends[0])
        writingEnd = OwnedDescriptor(owning: ends[1])
    }

    /// The flag belongs to one end: who writes to the other still waits for room.
    func makeReadingEndNonBlocking() throws(SystemError) {
        guard fcntl(readingEnd.rawValue, F_SETFL, O_NONBLOCK) == 0 else {
            throw SystemError("make a pipe non-blocking")
        }
    }

    /// Closes the writing end.
    consuming func takeReadingEnd() -> OwnedDescriptor { readingEnd }
}
