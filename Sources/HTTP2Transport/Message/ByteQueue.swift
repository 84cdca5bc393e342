internal import DequeModule

/// Bytes that wait to be sent, in order.
///
/// Small messages are collected in one array; a large one stays where it is until it is taken.
///
/// Until ``discardsTaken`` is set, what was taken is kept, so that it can be sent again on another
/// connection.
struct ByteQueue {
    /// What is taken from next.
    private var front: [UInt8] = []
    /// How much of that was taken.
    private var head = 0
    /// What follows it.
    private var rest: Deque<[UInt8]> = []
    /// What came before it, in case that it is sent again.
    private var taken: [[UInt8]] = []
    /// The last array is the queue's own, to append to.
    private var isOpen = true

    /// Give taken bytes back to memory.
    var discardsTaken: Bool {
        didSet { if discardsTaken { taken = [] } }
    }

    /// How many bytes wait.
    private(set) var count = 0

    /// How many bytes were ever appended.
    private(set) var appendedCount = 0

    /// From this size on it costs more to copy a message than to keep it apart.
    private static let largeMessage = 4 << 10

    /// Creates an empty queue.
    ///
    /// - Parameter discardsTaken: Give taken bytes back to memory.
    init(discardsTaken: Bool = true) {
        self.discardsTaken = discardsTaken
    }

    /// Appends a message behind its prefix: whether it is compressed, and its length
    /// (gRPC over HTTP/2, "Length-Prefixed-Message").
    mutating func appendMessage(_ message: [UInt8], isCompressed: Bool) {
        let isLarge = message.count >= Self.largeMessage
        let length = UInt32(truncatingIfNeeded: message.count)
        appendToLast(capacity: MessageDecoder.prefixLength + (isLarge ? 0 : message.count)) {
            last in
            last.append(isCompressed ? 1 : 0)
            withUnsafeBytes(of: length.bigEndian) { last.append(contentsOf: $0) }
            if !isLarge { last.append(contentsOf: message) }
        }
        if isLarge {
            rest.append(message)
            isOpen = false
        }
        count += MessageDecoder.prefixLength + message.count
        appendedCount += MessageDecoder.prefixLength + message.count
    }

    private mutating func appendToLast(capacity: Int, _ body: (inout [UInt8]) -> Void) {
        if !isOpen {
            rest.append([])
            isOpen = true
        }
        if rest.isEmpty {
            if front.isEmpty { front.reserveCapacity(capacity) }
            body(&front)
        } else {
            body(&rest[rest.count - 1])
        }
    }

    /// Takes bytes from the front.
    ///
    /// - Parameters:
    ///   - wanted: At most as many as there are.
    ///   - output: They are appended to it.
    mutating func take(_ wanted: Int, into output: inout [UInt8]) {
        precondition(wanted <= count, "more is taken than there is")
        count -= wanted
        var missing = wanted
        while missing > 0 {
            let part = min(missing, front.count - head)
            front.withUnsafeBufferPointer { front in
                output.append(contentsOf: UnsafeBufferPointer(rebasing: front[head..<head + part]))
            }
            head += part
            missing -= part
            if head == front.count { advance() }
        }
        // Moving the rest to the front is worth it once there is less of it than of what was taken.
        if discardsTaken, head > 1 << 16, head > front.count - head {
            front.removeSubrange(..<head)
            head = 0
        }
    }

    private mutating func advance() {
        if !discardsTaken { taken.append(front) }
        head = 0
        if let next = rest.popFirst() {
            front = next
        } else if isOpen, discardsTaken, front.capacity <= 1 << 16 {
            front.removeAll(keepingCapacity: true)
        } else {
            front = []
            isOpen = true
        }
    }

    /// Puts everything taken back to the front.
    mutating func rewind() {
        precondition(!discardsTaken, "what was taken is gone")
        rest.prepend(front)
        rest.prepend(contentsOf: taken)
        taken = []
        head = 0
        front = rest.removeFirst()
        count = rest.reduce(front.count) { $0 + $1.count }
    }
}
