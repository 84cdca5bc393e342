import Glibc
import LinuxIO

/// A program that somebody else wrote, run with nothing but the given environment.
struct ForeignProcess {
    let pid: pid_t

    init(_ path: String, _ arguments: [String], environment: [String: String]) throws {
        var argv = ([path] + arguments).map { strdup($0) } + [nil]
        var envp = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        var pid: pid_t = 0
        let result = posix_spawn(&pid, path, nil, nil, &argv, &envp)
        guard result == 0 else { throw SystemError("run \(path)", code: result) }
        self.pid = pid
    }

    /// Waits for its end and returns its exit code, or -1 for a signal.
    func wait() -> CInt {
        var status: CInt = 0
        while waitpid(pid, &status, 0) == -1, errno == EINTR {}
        return status & 0x7f == 0 ? status >> 8 & 0xff : -1
    }
}

/// Messages to a unix datagram socket.
enum Datagram {
    static func send(_ text: String, to path: String) throws {
        let descriptor = try OwnedDescriptor(
            owning: socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue), 0), from: "open a socket")
        let bytes = Array(text.utf8)
        let sent = SocketAddress.unix(path: path).withSockaddr {
            sendto(descriptor.rawValue, bytes, bytes.count, 0, $0, $1)
        }
        guard sent == bytes.count else { throw SystemError("send to \(path)") }
    }
}

extension OwnedDescriptor {
    borrowing func waitUntilReadable() throws {
        var poll = pollfd(fd: rawValue, events: Int16(POLLIN), revents: 0)
        while Glibc.poll(&poll, 1, -1) < 0 {
            guard errno == EINTR else { throw SystemError("wait for descriptor \(rawValue)") }
        }
    }
}
