import Dispatch
import Glibc

/// What a person does to a terminal: keys, each at once and unseen, a window of another size, and signals.
///
/// The terminal is as it was before once ``restore()`` was called.
final class TerminalInput {
    /// Something that was done.
    enum Event: Sendable {
        case key(UInt8)
        case resized
        case signal(CInt)
    }

    /// Ends of a program; they come as events instead.
    private static let ends = [SIGINT, SIGTERM, SIGHUP]

    private var previous: termios?
    private var sources: [any DispatchSourceProtocol] = []

    /// Begins to listen.
    ///
    /// - Parameter take: Called on some thread with each event.
    init(_ take: @escaping @Sendable (Event) -> Void) {
        let queue = DispatchQueue(label: "terminal")
        let registered = DispatchSemaphore(value: 0)
        for number in Self.ends + [SIGWINCH] {
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { take(number == SIGWINCH ? .resized : .signal(number)) }
            source.setRegistrationHandler { registered.signal() }
            source.activate()
            sources.append(source)
        }
        // A signal that comes before its source is registered is handled as it was before: while the
        // terminal is still as it was, too.
        for _ in sources { registered.wait() }
        if let previous = Self.readSettings() {
            self.previous = previous
            // Keys come one by one, are not shown, and Ctrl-C is one of them (termios(3)).
            var settings = previous
            settings.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG)
            tcsetattr(STDIN_FILENO, TCSANOW, &settings)
            listenToKeys(queue, take)
        }
    }

    /// Gives the terminal back as it was; keys that were pressed and not read are forgotten.
    func restore() {
        for source in sources { source.cancel() }
        if var previous { tcsetattr(STDIN_FILENO, TCSAFLUSH, &previous) }
        for number in Self.ends { signal(number, SIG_DFL) }
    }

    /// Ends the program as the signal would have, so that whoever waits for it sees which one it was.
    ///
    /// - Parameter number: The signal, which is not handled any more.
    static func end(by number: CInt) {
        // The threads that tasks run on have all signals blocked.
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, number)
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
        raise(number)
    }

    private func listenToKeys(
        _ queue: DispatchQueue, _ take: @escaping @Sendable (Event) -> Void
    ) {
        let keys = DispatchSource.makeReadSource(fileDescriptor: STDIN_FILENO, queue: queue)
        keys.setEventHandler {
            var bytes = [UInt8](repeating: 0, count: 64)
            let count = read(STDIN_FILENO, &bytes, bytes.count)
            // The terminal is gone: there is nobody to show anything to.
            guard count > 0 else { return take(.signal(SIGHUP)) }
            for byte in bytes.prefix(count) { take(.key(byte)) }
        }
        keys.activate()
        sources.append(keys)
    }

    /// Nil where standard input is no terminal.
    private static func readSettings() -> termios? {
        var settings = termios()
        return tcgetattr(STDIN_FILENO, &settings) == 0 ? settings : nil
    }
}
