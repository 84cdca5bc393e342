import Glibc
import LinuxIO
import Testing

@testable import Systemd

/// Each test runs in a process of its own, whose descriptors from 3 on it may replace; its exit
/// code says how it went, since the test library may lose its own channel by that.
@Suite(.timeLimit(.minutes(1)))
struct PassedSocketsTests {
    @Test func areTakenByNameOnceAndNotInherited() async {
        await #expect(processExitsWith: .exitCode(passed)) {
            try pass([listener(), listener(), listener()], names: "memory:rust_pro:memory")
            var sockets = try PassedSockets()
            let names = sockets.names == ["memory", "rust_pro", "memory"]
            let isCloseOnExec = fcntl(3, F_GETFD) == FD_CLOEXEC && fcntl(5, F_GETFD) == FD_CLOEXEC
            let byName = sockets.take(name: "rust_pro")?.release() == 4
            let unknown = sockets.take(name: "rust_pro") == nil
            let first = sockets.takeFirst()?.release() == 3
            let again = try PassedSockets().names.isEmpty && getenv("LISTEN_FDS") == nil
            exit(names && isCloseOnExec && byName && unknown && first && again ? passed : 1)
        }
    }

    @Test func areClosedWhereNobodyTakesThem() async {
        await #expect(processExitsWith: .exitCode(passed)) {
            try pass([listener()], names: "memory")
            do { _ = try PassedSockets() }
            exit(fcntl(3, F_GETFD) == -1 ? passed : 1)
        }
    }

    @Test func mustListen() async {
        await #expect(processExitsWith: .exitCode(passed)) {
            try pass([listener(), socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)], names: "a:b")
            do throws(PassedSocketError) {
                _ = try PassedSockets()
                exit(1)
            } catch {
                exit(error.name == "b" && error.descriptor == 4 ? passed : 1)
            }
        }
    }

    @Test func belongToTheProcessTheyWereMeantFor() async {
        await #expect(processExitsWith: .exitCode(passed)) {
            try pass([listener()], names: "memory")
            setenv("LISTEN_PID", "1", 1)
            exit(try PassedSockets().names.isEmpty ? passed : 1)
        }
    }
}

private let passed: CInt = 42

private func listener() throws -> CInt {
    let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
    // Without bind, the kernel chooses an abstract address.
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bound = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(descriptor, $0, socklen_t(MemoryLayout<sa_family_t>.size))
        }
    }
    try #require(bound == 0 && listen(descriptor, 1) == 0)
    return descriptor
}

/// Passes descriptors as systemd does.
private func pass(_ descriptors: [CInt], names: String) throws {
    let lifted = descriptors.map { fcntl($0, F_DUPFD, 100) }
    for (index, descriptor) in lifted.enumerated() {
        try #require(dup2(descriptor, 3 + CInt(index)) >= 0)
    }
    setenv("LISTEN_PID", String(getpid()), 1)
    setenv("LISTEN_FDS", String(descriptors.count), 1)
    setenv("LISTEN_FDNAMES", names, 1)
}
