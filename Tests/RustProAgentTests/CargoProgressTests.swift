import Testing

@testable import RustProAgent

struct CargoProgressTests {
    @Test(arguments: [
        (
            "    Building [=============>               ] 1/2: demo(bin)                   ",
            "1/2 demo(bin)"
        ),
        (
            "    Building [                             ] 0/120: syn, quote, serde_derive...",
            "0/120 syn, quote, serde_derive..."
        ),
        ("    Building [=>  ] 7/9: a, b", "7/9 a, b"),
        ("    Building [=======================>] 3/3", "3/3"),
    ])
    func barsAreRead(bar: String, text: String) {
        #expect(CargoProgress(bar: bar)?.text == text)
    }

    @Test(arguments: [
        "   Compiling demo v0.1.0 (/home/ada/demo)", "    Fetch [====>   ] 11.50%, 2.3MiB/s", "",
        "[",
        "  Downloaded 3 crates (1.2 MB) in 0.5s", "    Building [==>] 4/3: impossible",
    ])
    func anythingElseIsNoBar(line: String) {
        #expect(CargoProgress(bar: line) == nil)
    }
}
