import Synchronization

/// When entries were last recalled, until that is written down.
///
/// A recall that wrote its time into the database would be as slow as a write. So the times are kept here and written
/// together, about once a second; a SIGKILL takes at most those. They are no acknowledged writes.
struct ReadMarks: ~Copyable, Sendable {
    /// By the entry's row.
    private let times = Mutex<[Int64: Timestamp]>([:])

    /// Notes a recall.
    ///
    /// - Returns: The recall before this one, where it is not written down yet.
    func note(_ row: Int64, at time: Timestamp) -> Timestamp? {
        times.withLock { times in times.updateValue(time, forKey: row) }
    }

    /// What is to be written down.
    var noted: [Int64: Timestamp] { times.withLock { times in times } }

    /// Drops what was written down, but not what was noted since.
    func drop(_ written: [Int64: Timestamp]) {
        times.withLock { times in
            for (row, time) in written where times[row] == time {
                times[row] = nil
            }
        }
    }
}
