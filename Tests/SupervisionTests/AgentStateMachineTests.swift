import AgentManifest
import Testing

@testable import Supervision

struct AgentStateMachineTests {
    // MARK: The table

    @Test(arguments: TransitionTable.cells)
    func everyEventInEveryState(cell: TransitionTable.Cell) {
        var subject = MachineUnderTest(in: cell.state)
        let before = subject.machine.state
        #expect(before.kind.rawValue == (cell.state == "held" ? "stopped" : cell.state))
        let actions = subject.say(cell.event)
        let after = subject.machine.state
        #expect(after.kind.rawValue == cell.next)
        #expect(MachineUnderTest.words(actions) == cell.actions)

        let reports = actions.compactMap { action -> Transition? in
            if case .report(let transition) = action { transition } else { nil }
        }
        #expect(reports.map(\.from) == (before == after ? [] : [before]))
        #expect(reports.map(\.to) == (before == after ? [] : [after]))
    }

    @Test func theTableIsComplete() {
        let states = AgentState.Kind.allCases.map(\.rawValue) + ["held"]
        let expected = states.flatMap { state in
            TransitionTable.events.map { "\(state) + \($0)" }
        }
        #expect(TransitionTable.cells.map(\.description).sorted() == expected.sorted())
    }

    @Test(
        arguments: AgentState.Kind.allCases.map(\.rawValue) + ["held"],
        ["spawnFailed", "ready", "passed", "failed", "used", "exited"])
    func lateNewsOfAnOldInstanceChangesNothing(state: String, event: String) {
        var subject = MachineUnderTest(in: state)
        let before = subject.machine
        let old = Generation(subject.machine.generation.number &- 1)
        #expect(subject.handle(subject.event(event, of: old)).isEmpty)
        #expect(subject.machine.state == before.state)
        #expect(subject.machine.nextDeadline == before.nextDeadline)
        #expect(subject.machine.lastFailure == before.lastFailure)
    }

    // MARK: Starting

    @Test func itServesWhenItSaidReadyAndPassedAProbe() {
        var subject = MachineUnderTest(MachineUnderTest.policy)
        #expect(MachineUnderTest.words(subject.say("needed")) == "open spawn")
        subject.pass(.milliseconds(40))
        #expect(MachineUnderTest.words(subject.say("ready")) == "probe")
        subject.say("failed")
        #expect(MachineUnderTest.words(subject.pass(.milliseconds(20))) == "probe")
        subject.say("passed")
        #expect(subject.machine.state == .serving(since: subject.now))
        #expect(subject.machine.startDuration == .milliseconds(60))
    }

    @Test(arguments: [true, false])
    func anAgentThatDoesNotGetReadyIsKilledAndTriedAgain(saysReady: Bool) {
        var subject = MachineUnderTest(MachineUnderTest.policy)
        subject.say("needed")
        if saysReady { subject.say("ready") }
        #expect(MachineUnderTest.words(subject.pass(.seconds(10))) == "kill")
        subject.say("exited")
        #expect(subject.machine.state.kind == .backingOff)
        #expect(
            subject.machine.lastFailure == .startTimedOut(.seconds(10), saidReady: saysReady))
    }

    // MARK: Health

    @Test func probesComeAtTheirInterval() {
        var subject = MachineUnderTest(MachineUnderTest.policy)
        subject.say("needed", "ready", "passed")
        #expect(subject.pass(.milliseconds(4_999)).isEmpty)
        #expect(subject.pass(.milliseconds(1)).count == 1)
        // The next one waits for this one's answer.
        #expect(subject.pass(.seconds(20)).isEmpty)
        subject.say("passed")
        #expect(MachineUnderTest.words(subject.pass(.seconds(5))) == "probe")
    }

    @Test func onlyFailuresInARowCount() {
        var policy = MachineUnderTest.policy
        policy.probes.threshold = 2
        var subject = MachineUnderTest(policy)
        subject.say("needed", "ready", "passed")
        for answer in ["failed", "passed", "failed", "passed", "failed"] {
            #expect(MachineUnderTest.words(subject.pass(.seconds(5))) == "probe")
            subject.say(answer)
            #expect(subject.machine.state.kind == .serving)
        }
        subject.pass(.seconds(5))
        #expect(MachineUnderTest.words(subject.say("failed")) == "busy")
        #expect(subject.machine.state.kind == .unhealthy)
    }

    @Test func aBusyAgentThatAnswersAfterAllServesOn() throws {
        var subject = MachineUnderTest(in: "serving")
        let serving = subject.machine.state
        subject.say("failed", "passed")
        #expect(subject.machine.state == serving)
    }

    @Test func anUnresponsiveAgentIsReplaced() {
        var subject = MachineUnderTest(in: "unhealthy")
        subject.say("failed", "exited")
        #expect(subject.machine.lastFailure == .unhealthy(.unanswered("no answer")))
        #expect(subject.machine.state.kind == .backingOff)
    }

    @Test func anAgentThatSaysThatItDoesNotServeMayFinishItsCalls() {
        var subject = MachineUnderTest(in: "unhealthy")
        #expect(MachineUnderTest.words(subject.say("refused")) == "term")
        #expect(MachineUnderTest.words(subject.pass(MachineUnderTest.policy.gracePeriod)) == "kill")
        subject.say("exited")
        #expect(subject.machine.lastFailure == .unhealthy(.answered("NOT_SERVING")))
        #expect(subject.machine.state.kind == .backingOff)
    }

    // MARK: Restarting

    @Test func theFirstRestartAfterAHealthyMinuteIsImmediate() {
        var subject = MachineUnderTest(in: "serving")
        while subject.now < Instant(nanoseconds: 1_060_000_000_000) {
            subject.pass(.seconds(5))
            subject.say("passed")
        }
        #expect(MachineUnderTest.words(subject.say("exited")) == "spawn")
        #expect(MachineUnderTest.words(subject.say("exited")) == "")
        #expect(
            subject.machine.state
                == .backingOff(until: subject.now.advanced(by: .milliseconds(100))))
    }

    @Test func aHealthyMinuteCountsEvenIfItsTimerIsLate() {
        let subject = MachineUnderTest(in: "serving")
        var machine = subject.machine
        let minuteLater = subject.now.advanced(by: .seconds(60))
        let actions = machine.handle(.exited(machine.generation, .signaled(9)), at: minuteLater)
        #expect(MachineUnderTest.words(actions) == "spawn")
    }

    @Test func aCrashLoopIsShownAsDegradedAndRetriedAtTheCap() {
        var subject = MachineUnderTest(MachineUnderTest.policy)
        subject.say("needed")
        for _ in 1...5 {
            subject.say("exited")
            #expect(subject.machine.state.kind == .backingOff)
            subject.pass(.milliseconds(1_600))
        }
        #expect(MachineUnderTest.words(subject.say("exited")) == "close")
        #expect(subject.machine.state == .degraded(until: subject.now.advanced(by: .seconds(30))))
        #expect(MachineUnderTest.words(subject.pass(.seconds(30))) == "open spawn")
        subject.say("ready", "passed", "exited")
        #expect(subject.machine.state.kind == .degraded)
        #expect(subject.machine.failureCount == 7)
    }

    @Test func aFailedSpawnIsTriedAgainLikeAnyFailure() {
        var subject = MachineUnderTest(MachineUnderTest.policy)
        subject.say("needed", "spawnFailed")
        #expect(MachineUnderTest.words(subject.pass(.milliseconds(100))) == "spawn")
        subject.say("spawnFailed")
        #expect(
            subject.machine.state
                == .backingOff(until: subject.now.advanced(by: .milliseconds(200))))
        #expect(subject.machine.lastFailure == .spawnFailed("no such file"))
    }

    // MARK: Stopping

    @Test func graceEndsInAKillOnce() {
        var subject = MachineUnderTest(in: "serving")
        #expect(MachineUnderTest.words(subject.say("stop")) == "close term")
        #expect(subject.pass(.milliseconds(9_999)).isEmpty)
        #expect(MachineUnderTest.words(subject.pass(.milliseconds(1))) == "kill")
        #expect(subject.pass(.seconds(100)).isEmpty)
        #expect(subject.machine.state.kind == .draining)
        subject.say("exited")
        #expect(subject.machine.state == .stopped)
    }

    @Test func whatWasStoppedStaysStoppedUntilItIsStarted() {
        var subject = MachineUnderTest(in: "serving")
        subject.say("stop", "exited", "needed", "connection", "released", "needed")
        #expect(subject.machine.state == .stopped)
        #expect(subject.machine.listener == .closed)
        #expect(MachineUnderTest.words(subject.say("start")) == "open spawn")
    }

    @Test func anAgentThatIsNeededWhileItDrainsStartsAgain() {
        var subject = MachineUnderTest(in: "serving")
        subject.say("released")
        subject.pass(.seconds(5))
        subject.say("passed")
        while subject.machine.state.kind == .serving {
            subject.pass(.seconds(5))
            subject.say("passed")
        }
        subject.say("needed")
        #expect(MachineUnderTest.words(subject.say("exited")) == "spawn")
    }

    @Test func newSettingsReplaceWhatRunsAndLeaveAloneWhatAnOperatorStopped() {
        var running = MachineUnderTest(in: "serving")
        #expect(MachineUnderTest.words(running.say("reconfigure")) == "term")
        #expect(MachineUnderTest.words(running.say("exited")) == "spawn")
        var draining = MachineUnderTest(in: "serving")
        draining.say("stop")
        #expect(MachineUnderTest.words(draining.say("reconfigure", "exited")) == "")
        #expect(draining.machine.state == .stopped)
        #expect(draining.machine.isHeld)
    }

    @Test func whatIsNoLongerHeldRunsAgainIfItIsNeeded() {
        var draining = MachineUnderTest(in: "serving")
        draining.say("stop")
        #expect(MachineUnderTest.words(draining.say("unhold")) == "open")
        #expect(MachineUnderTest.words(draining.say("exited")) == "spawn")
        var stopped = MachineUnderTest(in: "serving")
        stopped.say("stop", "exited")
        #expect(MachineUnderTest.words(stopped.say("unhold")) == "open spawn")
    }

    // MARK: On demand

    @Test func anIdleAgentIsReapedAfterAMinute() {
        var subject = MachineUnderTest(in: "serving")
        subject.say("passed", "released")
        var actions: [AgentAction] = []
        for _ in 1...11 {
            actions += subject.pass(.seconds(5))
            actions += subject.say("passed")
        }
        #expect(!actions.contains(.terminate(subject.machine.generation)))
        #expect(MachineUnderTest.words(subject.pass(.seconds(5))).contains("term"))
        #expect(MachineUnderTest.words(subject.say("exited")) == "watch")
        #expect(subject.machine.state == .stopped)
    }

    @Test func anAgentThatIsNeededAgainInTimeStays() {
        var subject = MachineUnderTest(in: "serving")
        subject.say("passed", "released")
        subject.pass(.seconds(4))
        subject.say("needed")
        for _ in 1...30 {
            subject.pass(.seconds(5))
            subject.say("passed")
        }
        #expect(subject.machine.state.kind == .serving)
    }

    @Test func anAgentThatIsUsedDirectlyIsReapedAMinuteAfterTheLastUse() {
        var subject = MachineUnderTest(in: "serving")
        subject.say("passed", "released")
        for _ in 1...100 {
            subject.pass(.seconds(1))
            #expect(MachineUnderTest.words(subject.say("used")) == "")
            subject.say("passed")
        }
        #expect(subject.machine.state.kind == .serving)
        let lastUse = subject.now
        while subject.machine.state.kind == .serving {
            subject.pass(.seconds(1))
            subject.say("passed")
        }
        #expect(lastUse.duration(to: subject.now) == .seconds(60))
    }

    @Test func aShortIdleTimeoutWaitsForTheNextReportOfUse() {
        var policy = MachineUnderTest.policy
        policy.idleTimeout = .milliseconds(100)
        var subject = MachineUnderTest(policy)
        subject.say("needed", "ready", "passed", "released", "used")
        subject.pass(.milliseconds(1_999))
        #expect(subject.machine.state.kind == .serving)
        subject.pass(.milliseconds(1))
        #expect(subject.machine.state.kind == .draining)
    }

    @Test func useOfAnOldInstanceKeepsNobody() {
        var subject = MachineUnderTest(in: "serving")
        subject.say("passed", "released")
        let before = subject.machine
        subject.pass(.seconds(1))
        _ = subject.handle(.used(Generation(before.generation.number - 1)))
        #expect(subject.machine.nextDeadline == before.nextDeadline)
        subject.pass(.seconds(59))
        #expect(subject.machine.state.kind == .draining)
    }

    @Test func anAgentThatAlwaysRunsIsNeverReaped() {
        var policy = MachineUnderTest.policy
        policy.idleTimeout = nil
        var subject = MachineUnderTest(policy)
        subject.say("needed", "ready", "passed", "released")
        for _ in 1...30 {
            subject.pass(.seconds(5))
            subject.say("passed")
        }
        #expect(subject.machine.state.kind == .serving)
    }

    @Test func aConnectionStartsItAndTheIdleTimeBeginsWhenItServes() {
        var subject = MachineUnderTest(MachineUnderTest.policy)
        #expect(MachineUnderTest.words(subject.say("connection")) == "open spawn")
        subject.pass(.seconds(9))
        subject.say("ready", "passed")
        let serves = subject.now
        while subject.machine.state.kind == .serving {
            subject.pass(.seconds(5))
            subject.say("passed")
        }
        #expect(serves.duration(to: subject.now) == .seconds(60))
    }

    // MARK: By hand

    @Test func anAgentThatIsRunByHandIsProbedAndNeverSignalled() {
        var subject = MachineUnderTest(in: "serving")
        #expect(MachineUnderTest.words(subject.say("attach")) == "close term")
        #expect(MachineUnderTest.words(subject.say("exited")) == "probe")
        #expect(subject.machine.state == .external(isServing: false))
        subject.say("passed")
        #expect(subject.machine.state == .external(isServing: true))
        subject.pass(.seconds(5))
        subject.say("failed")
        #expect(subject.machine.state == .external(isServing: false))
        #expect(MachineUnderTest.words(subject.say("stop", "restart", "start")) == "")
        #expect(MachineUnderTest.words(subject.say("detach")) == "open spawn")
    }
}
