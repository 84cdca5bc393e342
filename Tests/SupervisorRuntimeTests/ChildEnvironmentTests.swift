import Glibc
import Testing

@testable import SupervisorRuntime

struct ChildEnvironmentTests {
    @Test func dropsWhatSystemdSaysToUsAlone() {
        let variables = [
            "PATH": "/bin", "HOME": "/root", "STATE_DIRECTORY": "/var/lib/op-agents",
            "LISTEN_PID": "1", "LISTEN_FDS": "2", "LISTEN_FDNAMES": "a:b", "LISTEN_PIDFDID": "3",
            "NOTIFY_SOCKET": "/run/systemd/notify", "WATCHDOG_PID": "1", "WATCHDOG_USEC": "1",
            "JOURNAL_STREAM": "8:1", "OP_LIFELINE_FD": "3",
        ]
        #expect(
            ChildEnvironment.inherited(from: variables)
                == ["PATH": "/bin", "HOME": "/root", "STATE_DIRECTORY": "/var/lib/op-agents"])
    }

    @Test func readsOurOwn() throws {
        let path = try #require(getenv("PATH"))
        #expect(ChildEnvironment.own()["PATH"] == String(cString: path))
    }
}
