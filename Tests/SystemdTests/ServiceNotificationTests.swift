import Testing

@testable import Systemd

struct ServiceNotificationTests {
    @Test(arguments: [
        (ServiceNotification.ready, "READY=1"),
        (.status("2 of 5 serve"), "STATUS=2 of 5 serve"),
        (.status("one\nREADY=1\r\ntwo"), "STATUS=one READY=1 two"),
        (.stopping, "STOPPING=1"),
        (.watchdog, "WATCHDOG=1"),
        (.watchdogTrigger, "WATCHDOG=trigger"),
        (.mainPID(42), "MAINPID=42"),
        (.extendTimeout(.milliseconds(1_500)), "EXTEND_TIMEOUT_USEC=1500000"),
        (.errorNumber(2), "ERRNO=2"),
        (.runningCalls(3), "X_OP_CALLS=3"),
    ])
    func isWrittenAsTheProtocolSays(notification: ServiceNotification, lines: String) {
        #expect(notification.assignments == lines)
    }

    @Test func reloadingSaysWhenOnTheMonotonicClock() throws {
        let prefix = "RELOADING=1\nMONOTONIC_USEC="
        let before = ServiceNotification.reloading.assignments
        let after = ServiceNotification.reloading.assignments
        #expect(before.hasPrefix(prefix))
        let times = try [before, after].map { try #require(UInt64($0.dropFirst(prefix.count))) }
        #expect(times[0] > 0)
        #expect(times[0] <= times[1])
    }
}
