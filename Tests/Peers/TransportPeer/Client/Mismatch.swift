/// Something differs from what a case's description says.
struct Mismatch: Error, CustomStringConvertible {
    let description: String

    init(_ subject: String, was actual: Any, expected: Any) {
        description = "cannot accept the \(subject): it is \(actual), expected \(expected)"
    }
}

/// Compares what came with what is described.
func expect<Value: Equatable>(
    _ subject: String, _ actual: Value, is expected: Value
) throws(Mismatch) {
    guard actual == expected else {
        throw Mismatch(subject, was: actual, expected: expected)
    }
}
