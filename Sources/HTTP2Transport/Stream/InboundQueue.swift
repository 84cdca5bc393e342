internal import DequeModule

/// What has arrived on a stream and waits for its reader, in order.
///
/// It takes at most about twice what it took of the stream's window, however small the messages are.
struct InboundQueue {
    private enum Place {
        case part(InboundPart, debt: Int)
        case run(MessageRun)
    }

    private var places: Deque<Place> = []
    /// The run that small messages are added to, behind all places.
    ///
    /// Outside of them it grows where it is, without a copy of its buffer.
    private var lastRun = MessageRun()

    /// A reader that is no further behind finds messages as they arrived, without a copy; what one turn of
    /// the loop brings is hardly ever more.
    private static let individualParts = 1024

    var isEmpty: Bool { places.isEmpty && lastRun.isEmpty }

    /// Adds a part.
    ///
    /// - Parameters:
    ///   - part: What arrived.
    ///   - debt: Flow-control credit that is returned once it is taken, in bytes.
    mutating func append(_ part: InboundPart, debt: Int) {
        if places.count >= Self.individualParts || !lastRun.isEmpty,
            let entry = MessageRun.Entry(part, debt: debt)
        {
            if lastRun.append(entry) { return }
            endRun()
            if lastRun.append(entry) { return }
        }
        endRun()
        places.append(.part(part, debt: debt))
    }

    /// Takes the first part, with its debt.
    mutating func popFirst() -> (part: InboundPart, debt: Int)? {
        switch places.popFirst() {
        case .part(let part, let debt)?:
            return (part, debt)
        case .run(var run)?:
            let entry = run.popFirst()
            if !run.isEmpty { places.prepend(.run(run)) }
            return entry.map { ($0.part, $0.debt) }
        case nil:
            return lastRun.popFirst().map { ($0.part, $0.debt) }
        }
    }

    /// Gives the last run its place, so that something else may follow.
    private mutating func endRun() {
        guard !lastRun.isEmpty else { return }
        places.append(.run(lastRun))
        lastRun = MessageRun()
    }
}

extension MessageRun.Entry {
    /// The entry of a message; nil for other parts.
    fileprivate init?(_ part: InboundPart, debt: Int) {
        switch part {
        case .message(let message):
            self.init(message: message, isCompressed: false, debt: debt)
        case .compressedMessage(let message):
            self.init(message: message, isCompressed: true, debt: debt)
        case .metadata, .status: return nil
        }
    }

    fileprivate var part: InboundPart {
        isCompressed ? .compressedMessage(message) : .message(message)
    }
}
