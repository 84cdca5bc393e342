import Glibc
import Testing

@testable import LinuxIO

/// In a process of its own: handlers are the whole process's.
@Suite(.timeLimit(.minutes(1)))
struct SignalPipeTests {
    @Test func signalThatAnyThreadTakesIsRead() async throws {
        await #expect(processExitsWith: .success) {
            let signals = try SignalPipe([SIGTERM, SIGUSR1])
            #expect(signals.read() == nil)
            kill(getpid(), SIGTERM)
            kill(getpid(), SIGUSR1)
            var received: [CInt] = []
            var entry = pollfd(fd: signals.descriptor.rawValue, events: Int16(POLLIN), revents: 0)
            while received.count < 2 {
                poll(&entry, 1, -1)
                while let signal = signals.read() { received.append(signal) }
            }
            #expect(Set(received) == [SIGTERM, SIGUSR1])
        }
    }
}
