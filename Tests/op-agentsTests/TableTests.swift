import Testing

@testable import op_agents

struct TableTests {
    private var table: Table {
        Table([
            .init(heading: "NAME"), .init(heading: "PID", isNumber: true), .init(heading: "NOTE"),
        ])
    }

    @Test func columnsAreAsWideAsTheirWidestCell() {
        var table = table
        table.add(["memory", "7", "a"])
        table.add(["m", "12345", "b"])
        #expect(
            table.lines(.none) == [
                "NAME      PID  NOTE",
                "memory      7  a",
                "m       12345  b",
            ])
    }

    @Test func linesEndWithTheirLastText() {
        var table = table
        table.add(["memory", "7", ""])
        table.add(["m", "", ""])
        table.add(["", "1", "x"])
        #expect(
            table.lines(.none) == ["NAME    PID  NOTE", "memory    7", "m", "          1  x"])
    }

    @Test func widthIsCountedInCharacters() {
        var table = table
        table.add(["Zo\u{65}\u{301}", "1", "\u{e9}"])
        table.add(["plain", "2", "x"])
        #expect(
            table.lines(.none) == [
                "NAME   PID  NOTE", "Zoe\u{301}      1  \u{e9}", "plain    2  x",
            ])
    }

    @Test func colourDoesNotCountAsWidth() {
        var table = table
        table.add([Table.Cell("up", .good), "1", "x"])
        table.add(["longer", "2", "y"])
        #expect(table.lines(.full)[1] == "\u{1B}[32mup\u{1B}[0m        1  x")
    }

    @Test func noControlSequenceOfOthersReachesTheTerminal() {
        var table = table
        table.add(["a\u{1B}[2Jb", "1", "two\nlines\u{9B}x"])
        #expect(table.lines(.none)[1] == "a\u{FFFD}[2Jb    1  two\u{FFFD}lines\u{FFFD}x")
    }
}
