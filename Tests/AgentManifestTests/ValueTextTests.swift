import Testing

@testable import AgentManifest

struct ValueTextTests {
    @Test(arguments: [
        ("250ms", Duration.milliseconds(250)), ("5s", .seconds(5)), ("15m", .seconds(900)),
        ("2h", .seconds(7200)), ("0s", .zero),
    ])
    func durationsHaveAUnit(text: String, duration: Duration) {
        #expect(DurationText.parse(text) == duration)
    }

    @Test(arguments: ["", "5", "s", "-1s", "1.5s", "5 s", "5d", "99999999999s"])
    func otherTextIsNoDuration(text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    @Test(arguments: [
        (Duration.milliseconds(250), "250ms"), (.seconds(5), "5s"), (.seconds(90), "90s"),
        (.seconds(900), "15m"), (.seconds(3600), "1h"), (.zero, "0ms"),
    ])
    func durationsAreWrittenInTheirLargestWholeUnit(duration: Duration, text: String) {
        #expect(DurationText.format(duration) == text)
    }

    @Test(arguments: [("4096", 4096), ("64KiB", 65_536), ("512MiB", 512 << 20), ("2GiB", 2 << 30)])
    func sizesHaveABinaryUnitOrAreBytes(text: String, count: Int) {
        #expect(ByteCountText.parse(text) == count)
    }

    @Test(arguments: [
        (0, "0 bytes"), (1023, "1023 bytes"), (65_536, "64 KiB"), (256 << 20, "256 MiB"),
        (3 << 29, "1536 MiB"), (2 << 30, "2 GiB"), ((2 << 30) + 1, "2147483649 bytes"),
    ])
    func sizesAreShownInTheirLargestWholeUnit(count: Int, text: String) {
        #expect(ByteCountText.text(count) == text)
    }

    @Test(arguments: ["", "-1", "MiB", "1MB", "1.5GiB", "99999999999GiB"])
    func otherTextIsNoSize(text: String) {
        #expect(ByteCountText.parse(text) == nil)
    }

    @Test(arguments: [
        ("prot", "port"), ("opeations", "operations"), ("env", "environment"),
        ("grace_ms", "grace"),
    ])
    func theNearestNameIsSuggested(misspelt: String, meant: String) {
        let names = ["port", "operations", "environment", "grace", "exec"]
        #expect(NearestName.nearest(to: misspelt, among: names) == meant)
    }

    @Test func nothingIsSuggestedForAForeignName() {
        #expect(NearestName.nearest(to: "colour", among: ["port", "exec"]) == nil)
    }

    @Test(arguments: [
        ("127.0.0.1:50050", ListenAddress.tcp(host: "127.0.0.1", port: 50050)),
        ("[::1]:9464", .tcp(host: "::1", port: 9464)),
        ("unix:/run/op-agents/supervisor.sock", .unix(path: "/run/op-agents/supervisor.sock")),
    ])
    func addressesAreReadAndWritten(text: String, address: ListenAddress) {
        #expect(ListenAddress(text) == address)
        #expect(address.description == text)
    }

    @Test(arguments: [
        "", "50050", ":50050", "::1:50050", "127.0.0.1:0", "127.0.0.1:65536", "unix:relative",
        "example.org:1", "[127.0.0.1]:1",
    ])
    func otherTextIsNoAddress(text: String) {
        #expect(ListenAddress(text) == nil)
    }
}
