import Testing

@testable import op_agents

struct PaletteTests {
    @Test(
        arguments: [
            (true, ["TERM": "xterm-256color"], true),
            (true, [:], true),
            (true, ["TERM": "dumb"], false),
            (true, ["NO_COLOR": "1", "TERM": "xterm"], false),
            (true, ["NO_COLOR": "", "TERM": "xterm"], true),
            (false, ["TERM": "xterm"], false),
        ] as [(Bool, [String: String], Bool)])
    func colourIsForTerminalsThatWantIt(
        isTerminal: Bool, environment: [String: String], isColoured: Bool
    ) {
        let palette = Palette(isTerminal: isTerminal, environment: environment)
        #expect(palette.paint("x", .bad) == (isColoured ? "\u{1B}[31mx\u{1B}[0m" : "x"))
        #expect(palette.paint("x", .plain) == "x")
        #expect(palette.paint("", .bad) == "")
    }
}

extension Palette {
    static let none = Palette(isTerminal: false, environment: [:])
    static let full = Palette(isTerminal: true, environment: [:])
}
