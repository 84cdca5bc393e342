extension String {
    /// The text without its middle where it is longer than so many UTF-8 bytes: the beginning says what it is, the
    /// end what came of it.
    func shortened(to length: Int) -> String {
        let excess = utf8.count - length
        guard excess > 0 else { return self }
        let head = utf8.index(startIndex, offsetBy: length / 2)
        let tail = utf8.index(endIndex, offsetBy: -length / 2)
        return "\(self[..<head])\n[... \(excess) bytes ...]\n\(self[tail...])"
    }
}

extension Int {
    /// "1 test", "2 tests".
    func counted(_ noun: String) -> String {
        self == 1 ? "1 \(noun)" : "\(self) \(noun)s"
    }
}

extension Duration {
    /// "0.8 s", "75.0 s".
    var inSeconds: String {
        let tenths = Int64((self / .milliseconds(100)).rounded())
        return "\(tenths / 10).\(tenths % 10) s"
    }
}
