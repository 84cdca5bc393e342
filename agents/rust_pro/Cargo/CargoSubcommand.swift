/// The cargo commands that are run with live output.
enum CargoSubcommand: String, Sendable, CaseIterable {
    case check
    case clippy
    case build
    case doc
    case bench
    case test
    case run

    /// Runs what it has built, so that what comes after the build is not cargo's.
    var runsPrograms: Bool {
        switch self {
        case .bench, .test, .run: true
        case .check, .clippy, .build, .doc: false
        }
    }
}
