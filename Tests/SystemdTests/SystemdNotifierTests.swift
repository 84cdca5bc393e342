import Glibc
import LinuxIO
import Testing

@testable import Systemd

/// What depends on the environment runs in a process of its own.
@Suite(.timeLimit(.minutes(1)))
struct SystemdNotifierTests {
    @Test func reportsToTheSocketInItsEnvironment() async {
        await #expect(processExitsWith: .success) {
            let directory = try TemporaryDirectory()
            let receiver = try NotifyReceiver(path: directory.path("notify"))
            setenv("NOTIFY_SOCKET", receiver.path, 1)
            let notifier = SystemdNotifier()
            try notifier.notify([.ready, .status("all of it")])
            try notifier.store(STDERR_FILENO, name: "memory")
            try notifier.removeStored(name: "memory")

            let first = try #require(try receiver.receive())
            #expect(first.isReady && first.status == "all of it")
            #expect(first.sender.pid == getpid())
            #expect(
                try receiver.receive()?.assignments
                    == ["FDSTORE": "1", "FDNAME": "memory", "FDPOLL": "0"])
            #expect(
                try receiver.receive()?.assignments
                    == ["FDSTOREREMOVE": "1", "FDNAME": "memory"])
        }
    }

    @Test func doesNothingWhereNobodyListens() async {
        await #expect(processExitsWith: .success) {
            unsetenv("NOTIFY_SOCKET")
            try SystemdNotifier().notify([.ready])
            #expect(Watchdog.interval() == nil)
        }
    }

    @Test func saysThatTheSocketIsGone() async {
        await #expect(processExitsWith: .success) {
            setenv("NOTIFY_SOCKET", "/nowhere/notify", 1)
            let error = #expect(throws: SystemError.self) {
                try SystemdNotifier().notify([.ready])
            }
            #expect(error?.code == ENOENT)
        }
    }

    @Test(arguments: ["", "a:b", "a\nb", "ä", String(repeating: "x", count: 256)])
    func refusesNamesThatTheManagerWouldIgnore(name: String) {
        let error = #expect(throws: SystemError.self) {
            try SystemdNotifier().store(STDERR_FILENO, name: name)
        }
        #expect(error?.code == EINVAL)
    }

    @Test func knowsTheWatchdogsInterval() async {
        await #expect(processExitsWith: .success) {
            setenv("WATCHDOG_USEC", "30000000", 1)
            setenv("WATCHDOG_PID", String(getpid()), 1)
            #expect(Watchdog.interval() == .seconds(30))
            setenv("WATCHDOG_PID", "1", 1)
            #expect(Watchdog.interval() == nil)
        }
    }
}
