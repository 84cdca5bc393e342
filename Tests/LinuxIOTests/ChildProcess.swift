import Glibc
import LinuxIO

/// A program that a test starts.
///
/// It is killed and reaped with its owner, if it was not before.
struct ChildProcess: ~Copyable {
    let pid: CInt
    let process: PidFD

    init(_ arguments: String...) throws(SystemError) {
        var pid: CInt = 0
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        // The threads that run tests block signals, and a child would inherit that.
        var attributes = posix_spawnattr_t()
        var noSignals = sigset_t()
        sigemptyset(&noSignals)
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setsigmask(&attributes, &noSignals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        let code = posix_spawnp(&pid, arguments[0], nil, &attributes, &words, environ)
        guard code == 0 else { throw SystemError("start \(arguments[0])", code: code) }
        let opened = try PidFD(pid: pid)
        self.pid = pid
        process = opened
    }

    deinit {
        guard (try? process.send(signal: SIGKILL)) == true else { return }
        _ = becomesReadable(process.descriptor.rawValue)
        _ = try? process.reap()
    }
}
