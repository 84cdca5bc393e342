import Testing

@testable import SupervisorRuntime

struct PrometheusTextTests {
    @Test func aFamilyBeginsWithItsHelpAndItsType() {
        var text = PrometheusText()
        text.begin("up", .gauge, "A \\ and\na line.")
        text.add(1)
        #expect(text.text == "# HELP up A \\\\ and\\na line.\n# TYPE up gauge\nup 1\n")
    }

    @Test(
        arguments: [
            ("plain", "plain"), ("a \"b\"", #"a \"b\""#), (#"C:\n"#, #"C:\\n"#),
            ("two\nlines", #"two\nlines"#), ("größer 🚀", "größer 🚀"), ("", ""),
            ("\r\n", "\r\\n"),
        ])
    func valuesOfLabelsAreEscaped(value: String, written: String) {
        var text = PrometheusText()
        text.begin("up", .gauge, "")
        text.add(1, [("a", value), ("b", "c")])
        #expect(text.text.hasSuffix("\nup{a=\"\(written)\",b=\"c\"} 1\n"))
    }

    @Test(
        arguments: [
            (0.5, "0.5"), (8.192e-6, "8.192e-06"), (-.infinity, "-Inf"), (.infinity, "+Inf"),
            (.nan, "NaN"), (28_000_000, "28000000.0"),
        ])
    func numbersAreWrittenAsGoReadsThem(value: Double, written: String) {
        var text = PrometheusText()
        text.begin("up", .gauge, "")
        text.addMeasured(value)
        #expect(text.text.hasSuffix("\nup \(written)\n"))
    }

    @Test func theBucketsOfAHistogramAddUp() {
        var text = PrometheusText()
        text.begin("took", .histogram, "")
        text.addHistogram(bounds: [0.5, 1], counts: [2, 0, 3], sum: 7.5, [("a", "b")])
        let lines = text.text.split(separator: "\n").dropFirst(2)
        #expect(
            lines == [
                "took_bucket{a=\"b\",le=\"0.5\"} 2", "took_bucket{a=\"b\",le=\"1.0\"} 2",
                "took_bucket{a=\"b\",le=\"+Inf\"} 5", "took_sum{a=\"b\"} 7.5",
                "took_count{a=\"b\"} 5",
            ])
    }
}
