import Glibc
import LinuxIO
import Testing

@Suite(.timeLimit(.minutes(1)))
struct SignalFDTests {
    // A signal that does nothing where it is not blocked: in the test process's other threads.
    private let signal = SIGURG

    @Test func blockedSignalIsRead() async throws {
        // On a thread of its own, whose mask nobody inherits.
        let loop = try EventLoop(name: "signals")
        defer { loop.stop() }
        let signal = signal
        let read = try await loop.perform {
            SignalFD.block([signal])
            let signals = try SignalFD([signal])
            let before = signals.read()
            pthread_kill(pthread_self(), signal)
            let isReadable = becomesReadable(signals.descriptor.rawValue)
            return (before: before, isReadable, first: signals.read(), second: signals.read())
        }
        #expect(read == (nil, true, signal, nil))
    }
}
