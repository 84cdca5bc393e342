/// What happened in a control group for want of memory (`memory.events`, Documentation/admin-guide/cgroup-v2.rst).
struct MemoryEvents: Equatable {
    /// How often its own limit left no memory to give, or the limit of one in it.
    let limitReached: Int
    /// How many of its processes were killed for it, whoever's memory ran out.
    let killed: Int

    /// Reads the file's text; what is not there did not happen.
    init(_ text: String) {
        var counts: [Substring: Int] = [:]
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2 { counts[words[0]] = Int(words[1]) }
        }
        limitReached = counts["oom"] ?? 0
        killed = counts["oom_kill"] ?? 0
    }
}
