import Glibc
import LinuxIO
import Testing

@Suite(.timeLimit(.minutes(1)))
struct PidFDTests {
    @Test(arguments: [0, 3, 255] as [CInt])
    func exitCodeIsReaped(code: CInt) throws {
        let child = try ChildProcess("sh", "-c", "exit \(code)")
        #expect(becomesReadable(child.process.descriptor.rawValue))
        let end = try child.process.reap()
        #expect(end == .exited(code: code))
    }

    @Test(arguments: [SIGKILL, SIGTERM])
    func endingSignalIsReaped(signal: CInt) throws {
        let child = try ChildProcess("sleep", "1000")
        let wasSent = try child.process.send(signal: signal)
        #expect(wasSent)
        #expect(becomesReadable(child.process.descriptor.rawValue))
        let end = try child.process.reap()
        #expect(end == .signalled(signal, dumpedCore: false))
    }

    @Test func runningProcessIsNotReaped() throws {
        let child = try ChildProcess("sleep", "1000")
        #expect(!isReadable(child.process.descriptor.rawValue))
        let end = try child.process.reap()
        #expect(end == nil)
        let runs = try child.process.send(signal: 0)
        #expect(runs)
    }

    @Test func signalAfterTheEndIsNoError() throws {
        let child = try ChildProcess("true")
        #expect(becomesReadable(child.process.descriptor.rawValue))
        let reachesZombie = try child.process.send(signal: SIGTERM)
        #expect(reachesZombie)
        let end = try child.process.reap()
        #expect(end == .exited(code: 0))
        let reachesNobody = try !child.process.send(signal: SIGTERM)
        #expect(reachesNobody)
    }

    @Test func onlyOneReapsIt() throws {
        let child = try ChildProcess("true")
        #expect(becomesReadable(child.process.descriptor.rawValue))
        _ = try child.process.reap()
        #expect(throws: SystemError("wait for a child", code: ECHILD)) {
            _ = try child.process.reap()
        }
    }

    @Test func processThatIsGoneCannotBeOpened() throws {
        let child = try ChildProcess("true")
        let pid = child.pid
        #expect(becomesReadable(child.process.descriptor.rawValue))
        _ = try child.process.reap()
        #expect(throws: SystemError("open process \(pid)", code: ESRCH)) {
            _ = try PidFD(pid: pid)
        }
    }

    @Test func loopSeesTheEnd() async throws {
        let loop = try EventLoop(name: "pidfd")
        defer { loop.stop() }
        let exit: ProcessExit? = try await loop.wait { finish in
            let child = try ChildProcess("sh", "-c", "exit 7")
            let descriptor = child.process.descriptor.rawValue
            let held = Held(child)
            var watch: Watch?
            watch = try loop.watch(descriptor, for: .readable) { _ in
                watch?.cancel()
                finish(try? held.child.process.reap())
            }
        }
        #expect(exit == .exited(code: 7))
    }

    /// Lets a closure own what cannot be copied.
    private final class Held {
        let child: ChildProcess

        init(_ child: consuming ChildProcess) {
            self.child = child
        }
    }
}
