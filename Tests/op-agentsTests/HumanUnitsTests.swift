import Testing

@testable import op_agents

struct HumanUnitsTests {
    @Test(arguments: [
        (UInt64(0), "0 B"), (999, "999 B"), (1_000, "1.0 kB"), (12_345_678, "12.3 MB"),
        (999_949, "999.9 kB"), (999_950, "1.0 MB"), (2_000_000_000, "2.0 GB"),
        (.max, "18446744.1 TB"),
    ])
    func bytesAreRounded(count: UInt64, text: String) {
        #expect(HumanUnits.bytes(count) == text)
    }

    @Test(arguments: [
        (Duration.seconds(-5), "0 us"), (.zero, "0 us"), (.microseconds(850), "850 us"),
        (.milliseconds(12), "12 ms"), (.microseconds(999_999), "999 ms"),
        (.milliseconds(4_200), "4.2 s"), (.milliseconds(9_949), "9.9 s"),
        (.milliseconds(9_950), "10 s"), (.milliseconds(59_900), "59 s"), (.seconds(60), "1m00s"),
        (.seconds(252), "4m12s"), (.seconds(3_600), "1h00m"), (.seconds(11_100), "3h05m"),
        (.seconds(187_200), "2d04h"),
    ])
    func durationsKeepWhatMatters(duration: Duration, text: String) {
        #expect(HumanUnits.duration(duration) == text)
    }
}
