import Glibc
import LinuxIO
import Testing

@testable import Systemd

@Suite(.timeLimit(.minutes(1)))
struct NotifyReceiverTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    /// systemd-notify(1) waits for its barrier, so it ends only if the barrier's descriptor is
    /// closed.
    @Test func receivesWhatSystemdsOwnToolSays() throws {
        let receiver = try NotifyReceiver(path: directory.path("notify"))
        let tool = try ForeignProcess(
            "/usr/bin/systemd-notify", ["--ready", "--status=two words = fine"],
            environment: ["NOTIFY_SOCKET": receiver.path])

        try receiver.descriptor.waitUntilReadable()
        let message = try #require(try receiver.receive())
        #expect(message.isReady)
        #expect(message.status == "two words = fine")
        // The tool speaks for the process that called it, where it has the privilege.
        #expect(message.sender.pid == (geteuid() == 0 ? getpid() : tool.pid))
        #expect(message.sender.user == getuid())
        #expect(message.sender.group == getgid())

        try receiver.descriptor.waitUntilReadable()
        let barrier = try #require(try receiver.receive())
        #expect(barrier.assignments == ["BARRIER": "1"])
        #expect(tool.wait() == 0)
        #expect(try receiver.receive() == nil)
    }

    @Test func dropsWhatIsTooLong() throws {
        let receiver = try NotifyReceiver(path: directory.path("notify"))
        try Datagram.send(String(repeating: "x", count: 5_000), to: receiver.path)
        try Datagram.send("READY=1", to: receiver.path)
        #expect(try receiver.receive()?.assignments == ["READY": "1"])
        #expect(try receiver.receive() == nil)
    }

    @Test func isClosedToOtherUsersAndGoneWithItsOwner() throws {
        let path = directory.path("notify")
        var status = stat()
        do {
            // A dead process's socket is in the way.
            let old = try NotifyReceiver(path: path)
            let receiver = try NotifyReceiver(path: path)
            #expect(lstat(path, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o600)
            _ = (old.path, receiver.path)
        }
        #expect(lstat(path, &status) == -1)
    }

    @Test func refusesAPathThatIsTooLong() {
        let path = directory.path(String(repeating: "x", count: 108))
        let error = #expect(throws: SystemError.self) {
            _ = try NotifyReceiver(path: path)
        }
        #expect(error?.code == ENAMETOOLONG)
    }
}
