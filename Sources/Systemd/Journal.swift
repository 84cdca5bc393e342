private import CSystemd
private import Glibc
package import LinuxIO

/// Where structured log entries go: systemd's journal, or a recorder in tests.
package protocol JournalWriting: Sendable {
    /// Writes an entry.
    ///
    /// - Throws: ``SystemError`` where it was not taken.
    func write(_ entry: JournalEntry) throws(SystemError)
}

/// systemd's journal (sd_journal_sendv(3)).
package struct Journal: JournalWriting {
    /// The journal of this machine.
    package init() {}

    /// Whether the standard error of this process is a stream to the journal, so that entries
    /// belong there and not on a terminal (`$JOURNAL_STREAM` of systemd.exec(5)).
    package static var receivesStandardError: Bool {
        guard let variable = getenv("JOURNAL_STREAM") else { return false }
        var status = stat()
        guard fstat(STDERR_FILENO, &status) == 0 else { return false }
        return String(cString: variable) == "\(status.st_dev):\(status.st_ino)"
    }

    /// Writes an entry.
    ///
    /// Where no journal runs it vanishes; where the journal is stuck this waits for
    /// it once the socket's buffer of 8 MiB is full.
    package func write(_ entry: JournalEntry) throws(SystemError) {
        let items = entry.items.map { Array($0.utf8) }
        let result = Array(items.joined()).withUnsafeBytes { bytes in
            var start = 0
            let vectors = items.map { item in
                defer { start += item.count }
                // The call takes them as mutable and only reads them.
                return iovec(
                    iov_base: UnsafeMutableRawPointer(
                        mutating: bytes.baseAddress?.advanced(by: start)),
                    iov_len: item.count)
            }
            return sd_journal_sendv(vectors, CInt(vectors.count))
        }
        guard result >= 0 else { throw SystemError("write to the journal", code: -result) }
    }
}
