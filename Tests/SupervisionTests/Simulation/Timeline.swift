import Supervision

/// What is going to happen, in order of time; what was planned first happens first.
struct Timeline<Happening> {
    private struct Entry {
        let at: Instant
        let happening: Happening
    }

    /// The latest first: the next one is taken from the end.
    private var entries: [Entry] = []

    /// When the next thing happens.
    var nextAt: Instant? { entries.last?.at }

    mutating func plan(_ happening: Happening, at instant: Instant) {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].at > instant { low = middle + 1 } else { high = middle }
        }
        entries.insert(Entry(at: instant, happening: happening), at: low)
    }

    mutating func removeNext() -> Happening? { entries.popLast()?.happening }
}
