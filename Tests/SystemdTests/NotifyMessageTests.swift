import Testing

@testable import Systemd

struct NotifyMessageTests {
    private let sender = NotifyMessage.Sender(pid: 7, user: 0, group: 0)

    @Test func readsAssignments() {
        let message = NotifyMessage(
            sender: sender,
            text:
                "STATUS=a=b\nMAINPID=12\n\nnonsense\n=nameless\nWATCHDOG=1\nSTOPPING=1\nRELOADING=1\nX_OP_CALLS=3\n"
        )
        #expect(message.status == "a=b")
        #expect(message.mainPID == 12)
        #expect(message.isWatchdog)
        #expect(message.isStopping)
        #expect(message.isReloading)
        #expect(!message.isReady)
        #expect(message.runningCalls == 3)
        #expect(message.assignments.count == 6)
    }

    @Test func takesTheLastOfTwo() {
        let message = NotifyMessage(sender: sender, text: "STATUS=one\nSTATUS=two")
        #expect(message.status == "two")
    }

    @Test(arguments: ["", "\n", "READY", "READY=0", "READY=yes", "ready=1"])
    func isNotReady(text: String) {
        #expect(!NotifyMessage(sender: sender, text: text).isReady)
    }
}
