import Testing

@testable import AgentManifest

struct KeyLocatorTests {
    private static let document = """
        # A comment with key = 1
        top = "value" # trailing

        [client]
        address = 'http://x'
        motto = \"\"\"
        [not.a.table]
        not_a_key = 1\"\"\"
        after = 3

        [agents]
        run_on_connection = [
            "memory", # first
            "rust_pro",
        ]
        start = "boot"
        inline = { port = 1, exec = "x" }
        a."b.c".d = true

        [agents.memory.limits]
        memory = "1GiB"

        [[list]]
        name = "first"
        """

    @Test(arguments: [
        (["top"], 2), (["client"], 4), (["client", "address"], 5), (["client", "after"], 9),
        (["agents"], 11), (["agents", "run_on_connection"], 12), (["agents", "start"], 16),
        (["agents", "inline", "port"], 17), (["agents", "a", "b.c", "d"], 18),
        (["agents", "memory"], 20), (["agents", "memory", "limits", "memory"], 21),
        (["list", "name"], 24),
    ])
    func keysAreFoundOnTheirLines(path: [String], line: Int) {
        #expect(KeyLocator(Self.document).line(of: path) == line)
    }

    @Test func textInsideStringsIsNotAKey() {
        let locator = KeyLocator(Self.document)
        #expect(locator.line(of: ["not"]) == nil)
        #expect(locator.line(of: ["client", "not_a_key"]) == 4)
    }

    @Test func anUnknownKeyHasTheLineOfItsTable() {
        #expect(KeyLocator(Self.document).line(of: ["client", "missing"]) == 4)
    }

    @Test(arguments: ["a = \"\\", "a = \"\"\"", "[", "a = [1,", "'", "a = '''x''", "=", "\u{0}"])
    func brokenTextEndsTheScan(text: String) {
        #expect(KeyLocator(text).line(of: ["zzz"]) == nil)
    }
}
