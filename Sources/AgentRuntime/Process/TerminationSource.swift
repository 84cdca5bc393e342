private import Glibc
internal import LinuxIO

/// Tells when this process is asked to end: by SIGTERM or SIGINT, or by the end of its supervisor.
///
/// A second signal ends the process at once.
final class TerminationSource: Sendable {
    /// Who asks.
    enum Request: Sendable, Hashable, CustomStringConvertible {
        case signal(CInt)
        /// The other end of the lifeline was closed, as the kernel does when its holder dies.
        case supervisorEnded

        var description: String {
            switch self {
            case .signal(SIGTERM): "SIGTERM"
            case .signal(SIGINT): "SIGINT"
            case .signal(let number): "signal \(number)"
            case .supervisorEnded: "the end of the supervisor"
            }
        }
    }

    private let signals: SignalPipe
    private let lifeline: OwnedDescriptor?
    private let continuation: AsyncStream<Request>.Continuation
    /// The requests, the first of which is to be obeyed.
    let requests: AsyncStream<Request>

    /// Creates a source; it works once started.
    ///
    /// - Parameter lifeline: The read end of a pipe of which the supervisor holds the other.
    /// - Throws: `SystemError` where descriptors have run out.
    init(lifeline: consuming OwnedDescriptor?) throws(SystemError) {
        signals = try SignalPipe([SIGTERM, SIGINT])
        // A reader that left is an error of write(2), not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        self.lifeline = lifeline
        (requests, continuation) = AsyncStream.makeStream()
    }

    /// The lifeline that the supervisor passed (`OP_LIFELINE_FD`); nil where it passed none.
    ///
    /// Taken from the environment, so that no child takes the number for its own.
    static func passedLifeline(_ variables: [String: String]) -> OwnedDescriptor? {
        unsetenv("OP_LIFELINE_FD")
        guard let number = variables["OP_LIFELINE_FD"].flatMap({ CInt($0) }), number > 2,
            fcntl(number, F_SETFD, FD_CLOEXEC) == 0
        else { return nil }
        return OwnedDescriptor(owning: number)
    }

    /// Begins to watch, for as long as the loop runs.
    func start(on loop: EventLoop) {
        loop.execute { [self] in
            var wasSignalled = false
            do {
                _ = try loop.watch(signals.descriptor.rawValue, for: .readable) { [self] _ in
                    while let signal = signals.read() {
                        if wasSignalled { _exit(128 + signal) }
                        wasSignalled = true
                        continuation.yield(.signal(signal))
                    }
                }
                try watchLifeline(on: loop)
            } catch {
                // Neither descriptor is one that epoll refuses.
                preconditionFailure("\(error)")
            }
        }
    }

    private func watchLifeline(on loop: EventLoop) throws(SystemError) {
        let descriptor: CInt
        switch lifeline {
        case .some(let pipe): descriptor = pipe.rawValue
        case .none: return
        }
        var watch: Watch?
        watch = try loop.watch(descriptor, for: .readable) { [self] _ in
            var byte: UInt8 = 0
            // The supervisor never writes: readable means that there is no supervisor any more.
            guard read(descriptor, &byte, 1) == 0 else { return }
            watch?.cancel()
            continuation.yield(.supervisorEnded)
        }
    }
}
