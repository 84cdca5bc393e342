private import Glibc

/// The events on their way to the agent, on standard output, which never blocks.
struct GuardOutbox: ~Copyable {
    /// How many bytes may wait for the agent; a program that writes faster waits too.
    private static let capacity = 256 * 1024

    private var bytes: [UInt8] = []
    private var sent = 0
    /// Nobody reads any more: what is appended is dropped.
    private(set) var isAbandoned = false

    init() {
        _ = fcntl(STDOUT_FILENO, F_SETFL, O_NONBLOCK)
    }

    var isEmpty: Bool { sent == bytes.count }
    var isFull: Bool { bytes.count - sent >= Self.capacity }

    mutating func append(_ event: GuardEvent) {
        guard !isAbandoned else { return }
        bytes.append(contentsOf: event.encoded)
    }

    /// Drops what waits, and what comes.
    mutating func abandon() {
        isAbandoned = true
        bytes = []
        sent = 0
    }

    /// Writes what the pipe takes.
    mutating func flush() {
        while !isEmpty {
            let count = bytes[sent...].withUnsafeBytes {
                write(STDOUT_FILENO, $0.baseAddress, $0.count)
            }
            if count < 0 {
                if errno == EINTR { continue }
                if errno != EAGAIN { abandon() }
                return
            }
            sent += count
        }
        bytes.removeAll(keepingCapacity: true)
        sent = 0
    }
}
