internal import AgentAPI
private import Glibc

/// What an instance does wrong by itself, from the environment variable `MISBEHAVE`.
///
/// What it does wrong when it is asked to is among the ``MisbehavingOperations``.
enum Misbehaviour: String, CaseIterable {
    /// Nothing.
    case none
    /// Exits with code 3 before it is ready.
    case exitBeforeReady = "exit-before-ready"
    /// Is killed by SIGKILL before it is ready.
    case crashBeforeReady = "crash-before-ready"
    /// Never says that it is ready.
    case neverReady = "never-ready"
    /// Is not ready before somebody writes to the FIFO that `MISBEHAVE_GATE` names.
    case readyLate = "ready-late"
    /// Exits with code 4 as soon as it was ready.
    case exitAfterReady = "exit-after-ready"
    /// Is ready, and answers its health checks with NOT_SERVING.
    case notServing = "not-serving"
    /// Is ready, and then answers nothing any more: its event loop is stuck.
    case hang
    /// Drains on SIGTERM, and then stays.
    case ignoreSIGTERM = "ignore-sigterm"

    init(_ variables: [String: String]) throws {
        let name = variables["MISBEHAVE"] ?? Misbehaviour.none.rawValue
        guard let misbehaviour = Misbehaviour(rawValue: name) else {
            throw UnknownMisbehaviour(name: name)
        }
        self = misbehaviour
    }

    /// What goes wrong before the agent is ready.
    func startUp(_ variables: [String: String]) async throws {
        switch self {
        case .exitBeforeReady:
            Self.say("exits before it is ready, as asked")
            exit(3)
        case .crashBeforeReady:
            kill(getpid(), SIGKILL)
        case .neverReady:
            Self.say("will never be ready, as asked")
            try await Self.waitForEver()
        case .readyLate:
            Self.waitForWriter(of: variables["MISBEHAVE_GATE"] ?? "")
        default:
            break
        }
    }

    /// What goes wrong from then on.
    func onceReady(_ health: HealthStatuses, eventLoop: any TaskExecutor) async {
        switch self {
        case .exitAfterReady: exit(4)
        case .notServing: health.setAll(.notServing)
        case .hang: Task(executorPreference: eventLoop) { while true { pause() } }
        default: break
        }
    }

    /// What goes wrong at the end.
    func shutDown() async {
        guard self == .ignoreSIGTERM else { return }
        Self.say("stays, as asked")
        try? await Self.waitForEver()
    }

    private static func waitForEver() async throws {
        for await _ in AsyncStream<Never>.makeStream().stream {}
        try Task.checkCancellation()
    }

    /// Blocks, as opening a FIFO does (fifo(7)).
    private static func waitForWriter(of path: String) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor >= 0 { close(descriptor) }
    }

    private static func say(_ text: String) {
        let line = "<4>\(text)\n"
        _ = line.withCString { write(STDERR_FILENO, $0, strlen($0)) }
    }
}

/// A value of `MISBEHAVE` that means nothing.
struct UnknownMisbehaviour: Error, CustomStringConvertible {
    let name: String

    var description: String {
        let names = Misbehaviour.allCases.map(\.rawValue).joined(separator: ", ")
        return "cannot misbehave as \"\(name)\": it is not known; set MISBEHAVE to one of \(names)"
    }
}
