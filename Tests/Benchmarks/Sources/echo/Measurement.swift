/// What one run of a load found: named figures, in the order in which they are printed.
struct Measurement {
    private var figures: [(name: String, value: Double)] = []

    /// Of calls: the times that they took, in microseconds, how many there were in a second, and what
    /// each cost.
    ///
    /// - Parameters:
    ///   - latencies: At least one.
    ///   - reading: Of the time in which they were made.
    init(latencies: [Duration], _ reading: Stopwatch.Reading) {
        let sorted = latencies.sorted()
        func percentile(_ part: Double) -> Double {
            sorted[min(Int(Double(sorted.count) * part), sorted.count - 1)] / .microseconds(1)
        }
        figures = [
            ("p50_us", percentile(0.5)), ("p99_us", percentile(0.99)),
            ("p999_us", percentile(0.999)),
        ]
        add(rate: "calls_per_second", count: sorted.count, reading)
    }

    /// Of the messages of a stream: how many there were in a second, and what each cost.
    init(messages: Int, _ reading: Stopwatch.Reading) {
        add(rate: "messages_per_second", count: messages, reading)
    }

    private mutating func add(rate: String, count: Int, _ reading: Stopwatch.Reading) {
        let count = Double(count)
        figures += [
            (rate, count / (reading.elapsed / .seconds(1))),
            ("client_cpu_us", reading.clientCPU / .microseconds(1) / count),
            ("server_cpu_us", reading.serverCPU / .microseconds(1) / count),
        ]
    }

    /// The figures as one JSON object.
    var json: String {
        "{" + figures.map { "\"\($0.name)\": \($0.value)" }.joined(separator: ", ") + "}"
    }
}
