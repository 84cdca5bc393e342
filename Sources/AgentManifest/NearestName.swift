/// Finds the name that somebody probably meant.
enum NearestName {
    /// The candidate closest to a misspelt name.
    ///
    /// - Parameters:
    ///   - name: The name that is not known.
    ///   - candidates: The names that are.
    /// - Returns: The candidate that needs the fewest changed letters, or that starts with the name
    ///   or the other way round; `nil` if none is close enough to be worth a suggestion.
    static func nearest(to name: String, among candidates: some Sequence<String>) -> String? {
        let wanted = Array(name.utf8)
        let tolerance = max(1, wanted.count / 3)
        return
            candidates
            .map { (candidate: $0, distance: distance(wanted, Array($0.utf8))) }
            .filter { candidate, distance in
                distance <= tolerance
                    || (wanted.count >= 3 && candidate.hasPrefix(name))
                    || (candidate.utf8.count >= 3 && name.hasPrefix(candidate))
            }
            .min { ($0.distance, $0.candidate) < ($1.distance, $1.candidate) }?
            .candidate
    }

    /// The number of bytes to insert, remove, replace or swap with their neighbour (optimal string
    /// alignment).
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for row in left.indices {
            var current = [row + 1]
            for column in right.indices {
                var best = min(
                    last[column] + (left[row] == right[column] ? 0 : 1),
                    last[column + 1] + 1,
                    current[column] + 1)
                if row > 0, column > 0, left[row] == right[column - 1],
                    left[row - 1] == right[column]
                {
                    best = min(best, beforeLast[column - 1] + 1)
                }
                current.append(best)
            }
            (beforeLast, last) = (last, current)
        }
        return last[right.count]
    }
}
