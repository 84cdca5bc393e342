import Glibc
import LinuxIO
import Testing

@testable import Systemd

@Suite(.timeLimit(.minutes(1)))
struct NonblockingNotifierTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test func reportsAsThisProcess() throws {
        let receiver = try NotifyReceiver(path: directory.path("notify"))
        let notifier = try NonblockingNotifier(path: receiver.path)
        try notifier.notify([.runningCalls(2), .status("busy")])
        let message = try #require(try receiver.receive())
        #expect(message.assignments == ["X_OP_CALLS": "2", "STATUS": "busy"])
        #expect(message.sender.pid == getpid())
    }

    @Test func doesNotWaitForAManagerThatHangs() throws {
        let receiver = try NotifyReceiver(path: directory.path("notify"))
        let notifier = try NonblockingNotifier(path: receiver.path)
        // More than any queue takes (net.unix.max_dgram_qlen, and the socket's buffer).
        let sent = 10_000
        for count in 0..<sent { try notifier.notify([.runningCalls(count)]) }
        var received = 0
        while try receiver.receive() != nil { received += 1 }
        #expect(received > 0)
        #expect(received < sent)
        // It is heard again once there is room.
        try notifier.notify([.runningCalls(1)])
        #expect(try receiver.receive()?.runningCalls == 1)
    }

    @Test func saysThatNobodyListens() throws {
        let path = directory.path("notify")
        let error = #expect(throws: SystemError.self) { _ = try NonblockingNotifier(path: path) }
        #expect(error?.code == ENOENT)

        let notifier: NonblockingNotifier
        do {
            let receiver = try NotifyReceiver(path: path)
            notifier = try NonblockingNotifier(path: receiver.path)
        }
        let later = #expect(throws: SystemError.self) { try notifier.notify([.runningCalls(1)]) }
        #expect(later?.code == ECONNREFUSED)
    }
}
