import Supervision

/// What befalls the processes of an agent that start from now on.
enum Weather: CaseIterable {
    case fair
    case spawnFails, endsBeforeReady, neverReady, neverServes, tooSlow
    case crashes, hangs, answersLate, deaf
    /// Any of them, process by process.
    case mixed
}

/// How a process behaves, from its start to its end.
struct Conduct {
    /// Whether it can be started at all.
    private(set) var spawns = true
    /// When it says READY=1; `nil` for never.
    private(set) var readyAfter: Duration?
    /// When it begins to serve; `nil` for never.
    private(set) var servesAfter: Duration?
    /// When it ends by itself, and how.
    private(set) var endsAfter: Duration?
    private(set) var endsWith = ExitStatus.exited(code: 1)
    /// When it stops answering anything, SIGTERM included.
    private(set) var hangsAfter: Duration?
    /// How long it takes to answer a probe.
    private(set) var answersAfter: Duration
    /// Whether it says everything twice.
    private(set) var repeatsItself: Bool
    /// How long it takes to end on SIGTERM; `nil` if it ignores it.
    private(set) var drainsFor: Duration?
    /// How long it takes until it and its group are gone after SIGKILL.
    private(set) var diesIn: Duration
    /// Whether it starts, serves and ends as it should.
    let isFair: Bool

    /// The longest that a process that behaves takes to start.
    static let longestFairStart: Duration = .milliseconds(500)
    /// The longest that any process takes to answer; it may say it again after three times as long.
    static let longestAnswer: Duration = .seconds(4)
    /// The longest that any process outlives SIGKILL.
    static let longestDeath: Duration = .seconds(2)

    init(in weather: Weather, _ random: inout SplitMix64) {
        var weather = weather
        while weather == .mixed { weather = random.pick(Weather.allCases) }
        isFair = weather == .fair
        let start = random.duration(upTo: Self.longestFairStart)
        readyAfter = start
        servesAfter = random.oneIn(4) ? start + random.duration(upTo: .milliseconds(100)) : start
        answersAfter = random.duration(upTo: .milliseconds(200))
        repeatsItself = random.oneIn(8)
        drainsFor = random.duration(upTo: .seconds(3))
        diesIn = random.duration(upTo: random.oneIn(8) ? Self.longestDeath : .milliseconds(20))
        let later = random.duration(upTo: .seconds(100))
        switch weather {
        case .fair, .mixed: break
        case .spawnFails: spawns = false
        case .endsBeforeReady: endsAfter = start / 2
        case .neverReady: readyAfter = nil
        case .neverServes: servesAfter = nil
        case .tooSlow: readyAfter = .seconds(9) + start * 4
        case .crashes:
            endsAfter = start + later
            if random.oneIn(2) { endsWith = .signaled(11) }
        case .hangs: hangsAfter = later
        case .answersLate: answersAfter = random.duration(upTo: Self.longestAnswer)
        case .deaf: drainsFor = nil
        }
    }
}
