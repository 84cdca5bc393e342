import Glibc

/// Standard output or standard error, unbuffered: what is written is seen at once, and in its order.
struct StandardStream {
    static let output = StandardStream(descriptor: STDOUT_FILENO)
    static let error = StandardStream(descriptor: STDERR_FILENO)

    private let descriptor: CInt

    /// Whether a person reads it.
    var isTerminal: Bool { isatty(descriptor) == 1 }

    /// How many lines a terminal shows, and how many characters in each; 24 and 80 where it does not say.
    var size: (lines: Int, columns: Int) {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0, size.ws_col > 0
        else { return (24, 80) }
        return (Int(size.ws_row), Int(size.ws_col))
    }

    /// Writes a text as it is.
    ///
    /// - Parameter text: The text.
    func write(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)[...]
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, rest.base(), rest.count)
                if count < 0, errno == EINTR { continue }
                // A reader that went away wants no more; nobody is left to tell.
                guard count > 0 else { return }
                rest = rest.dropFirst(count)
            }
        }
    }

    /// Writes a text and ends its line.
    ///
    /// - Parameter text: The text.
    func writeLine(_ text: String) {
        write(text + "\n")
    }
}

extension Slice<UnsafeRawBufferPointer> {
    fileprivate func base() -> UnsafeRawPointer? {
        UnsafeRawBufferPointer(rebasing: self).baseAddress
    }
}
