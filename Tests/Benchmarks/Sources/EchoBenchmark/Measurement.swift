/// What one run of a load found.
struct Measurement {
    /// At least one.
    var latencies: [Duration]
    var elapsed: Duration
    /// Processor time.
    var clientCPU: Duration
    var serverCPU: Duration

    /// The measurement as one JSON object: times in microseconds, calls in calls per second.
    var json: String {
        let sorted = latencies.sorted()
        func percentile(_ part: Double) -> Double {
            sorted[min(Int(Double(sorted.count) * part), sorted.count - 1)] / .microseconds(1)
        }
        let calls = Double(sorted.count)
        let values = [
            ("p50_us", percentile(0.5)),
            ("p99_us", percentile(0.99)),
            ("calls_per_second", calls / (elapsed / .seconds(1))),
            ("client_cpu_us", clientCPU / .microseconds(1) / calls),
            ("server_cpu_us", serverCPU / .microseconds(1) / calls),
        ]
        return "{" + values.map { "\"\($0)\": \($1)" }.joined(separator: ", ") + "}"
    }
}
