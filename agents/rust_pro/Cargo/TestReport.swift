/// What the test programs of one run said, summed.
struct TestReport: Sendable, Hashable {
    /// A test that failed.
    struct Failure: Sendable, Hashable {
        var name: String
        /// The panic's message, or the error that the test returned.
        var message = ""
        /// "src/lib.rs:12:9"; empty where nothing says it.
        var location = ""
        /// What the test printed, the panic included.
        var stdout = ""
    }

    /// How many failures are kept; all are counted.
    static let failureLimit = 200

    var passed = 0
    var failed = 0
    var ignored = 0
    /// Left out by a filter.
    var filteredOut = 0
    var failures: [Failure] = []

    var testsRun: Int { passed + failed }
}
