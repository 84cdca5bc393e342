/// Writes Prometheus's text format, version 0.0.4.
///
/// Source: <https://prometheus.io/docs/instrumenting/exposition_formats/>, "Text-based format".
struct PrometheusText {
    /// What a family of samples is.
    enum Kind: String {
        case counter, gauge, histogram
    }

    /// What is in a `Content-Type` field.
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// A label's name and its value, of any characters; an empty value is as good as no label.
    typealias Label = (name: String, value: String)

    private(set) var text = ""
    /// The name of the family that samples are added to.
    private var family = ""

    /// Begins a family: all samples of a name come after one another.
    ///
    /// - Parameters:
    ///   - name: Its name; of a counter it ends in `_total`.
    ///   - kind: What it is.
    ///   - help: One line for people.
    mutating func begin(_ name: String, _ kind: Kind, _ help: String) {
        family = name
        text += "# HELP \(name) \(Self.escaped(help, quotes: false))\n"
        text += "# TYPE \(name) \(kind.rawValue)\n"
    }

    /// Adds a sample that is counted.
    mutating func add(_ value: UInt64, _ labels: [Label] = []) {
        addLine("", labels, String(value))
    }

    /// Adds a sample that is measured.
    mutating func addMeasured(_ value: Double, _ labels: [Label] = []) {
        addLine("", labels, Self.number(value))
    }

    /// Adds a histogram.
    ///
    /// - Parameters:
    ///   - bounds: The upper bounds of its buckets, ascending.
    ///   - counts: What is in each bucket, and above the last.
    ///   - sum: Of all that was counted.
    ///   - labels: Its labels besides `le`.
    mutating func addHistogram(
        bounds: [Double], counts: [UInt64], sum: Double, _ labels: [Label]
    ) {
        var total: UInt64 = 0
        for (bound, count) in zip(bounds + [.infinity], counts) {
            total &+= count
            addLine("_bucket", labels + [("le", Self.number(bound))], String(total))
        }
        addLine("_sum", labels, Self.number(sum))
        addLine("_count", labels, String(total))
    }

    private mutating func addLine(_ suffix: String, _ labels: [Label], _ value: String) {
        text += family + suffix
        if !labels.isEmpty {
            text += "{"
            text += labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }
                .joined(separator: ",")
            text += "}"
        }
        text += " \(value)\n"
    }

    /// Infinity is spelled as Go reads it; Swift writes the rest as Go does.
    private static func number(_ value: Double) -> String {
        value == .infinity
            ? "+Inf" : value == -.infinity ? "-Inf" : value.isNaN ? "NaN" : "\(value)"
    }

    /// Works on scalars: as characters, a line feed that follows a carriage return is none of its own.
    private static func escaped(_ value: String, quotes: Bool = true) -> String {
        var escaped = String.UnicodeScalarView()
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": escaped.append(contentsOf: #"\\"#.unicodeScalars)
            case "\n": escaped.append(contentsOf: #"\n"#.unicodeScalars)
            case "\"" where quotes: escaped.append(contentsOf: #"\""#.unicodeScalars)
            default: escaped.append(scalar)
            }
        }
        return String(escaped)
    }
}
