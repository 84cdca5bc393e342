import Glibc

/// A terminal's alternate screen, redrawn in place; the terminal is as it was before when it is left.
struct LiveScreen {
    /// Alternate screen, no cursor, no line wrap (xterm's control sequences).
    private static let enterSequence = "\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l"
    private static let leaveSequence: StaticString = "\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l"

    /// Enters the alternate screen; SIGINT, SIGTERM and SIGHUP leave it before they end the program.
    init() {
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number) { number in
                // Only async-signal-safe calls (signal-safety(7)), and nothing that allocates.
                let sequence = LiveScreen.leaveSequence
                _ = write(STDOUT_FILENO, sequence.utf8Start, sequence.utf8CodeUnitCount)
                signal(number, SIG_DFL)
                raise(number)
            }
        }
        StandardStream.output.write(Self.enterSequence)
    }

    /// Shows lines from the top, as many as there is room for.
    ///
    /// - Parameter lines: The lines.
    func draw(_ lines: [String]) {
        let shown = lines.prefix(StandardStream.output.size.lines)
        // Each line clears what the last picture left in it: clearing all at once would flicker.
        StandardStream.output.write(
            "\u{1B}[H" + shown.joined(separator: "\u{1B}[K\r\n") + "\u{1B}[K\u{1B}[J")
    }

    /// Leaves the alternate screen.
    func leave() {
        StandardStream.output.write(Self.leaveSequence.description)
    }
}
