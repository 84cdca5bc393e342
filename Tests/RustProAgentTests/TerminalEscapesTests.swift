import Testing

@testable import RustProAgent

struct TerminalEscapesTests {
    @Test(arguments: [
        ("plain", "plain"),
        ("\u{1b}[1m\u{1b}[38;5;9merror\u{1b}[0m: é", "error: é"),
        ("see \u{1b}]8;;https://rust-lang.org\u{7}here\u{1b}]8;;\u{1b}\\.", "see here."),
        ("cut \u{1b}[3", "cut "),
        ("\u{1b}", ""),
    ])
    func sequencesAreRemoved(text: String, plain: String) {
        #expect(TerminalEscapes.removed(from: text) == plain)
    }
}
