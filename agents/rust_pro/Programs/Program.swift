/// A program to run: everything that decides what it does.
struct Program: Sendable, Hashable {
    /// An absolute path.
    var executable: String
    var arguments: [String]
    /// The whole environment: nothing is inherited.
    var environment: [String: String]
    /// An absolute path.
    var directory: String
    /// What it reads on standard input, and then the end of it.
    var input: [UInt8] = []
    /// How long it may run.
    var timeLimit: Duration
}
