import Glibc
import LinuxIO
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ListeningSocketTests {
    @Test func kernelChoosesAFreePort() throws {
        let first = try ListeningSocket.bind(to: .loopback(port: 0))
        let second = try ListeningSocket.bind(to: .loopback(port: 0))
        let ports = try (#require(first.localAddress.port), #require(second.localAddress.port))
        #expect(first.localAddress == .loopback(port: ports.0))
        #expect(ports.0 != 0)
        #expect(ports.0 != ports.1)
    }

    @Test func acceptsWhatConnects() throws {
        let listener = try ListeningSocket.bind(to: .loopback(port: 0))
        let acceptsEarly = try acceptsConnection(listener)
        #expect(!acceptsEarly)

        let client = try Socket.connect(to: listener.localAddress)
        #expect(becomesReadable(listener.descriptor.rawValue))
        let accepts = try acceptsConnection(listener)
        #expect(accepts)
        let acceptsTwice = try acceptsConnection(listener)
        #expect(!acceptsTwice)
        #expect(becomesReadable(client.rawValue), "the accepted end was closed")
    }

    @Test func connectionsAreNonBlockingAndClosedOnExec() throws {
        let connection = try Connection()
        #expect(flags(of: connection.client.rawValue) == .nonBlockingAndCloseOnExec)
        #expect(flags(of: connection.server.rawValue) == .nonBlockingAndCloseOnExec)
    }

    @Test func takenPortIsRefused() throws {
        let listener = try ListeningSocket.bind(to: .loopback(port: 0))
        let address = listener.localAddress
        let error = #expect(throws: SystemError.self) { _ = try ListeningSocket.bind(to: address) }
        #expect(error?.code == EADDRINUSE)
        #expect(error?.description.hasPrefix("cannot bind \(address): ") == true)
    }

    @Test(.enabled(if: (try? ListeningSocket.bind(to: SocketAddress(parsing: "[::1]:0"))) != nil))
    func listensOnIPv6() throws {
        let listener = try ListeningSocket.bind(to: SocketAddress(parsing: "[::1]:0"))
        #expect(listener.localAddress.description.hasPrefix("[::1]:"))
        let client = try Socket.connect(to: listener.localAddress)
        #expect(becomesReadable(listener.descriptor.rawValue))
        let remote = try SocketAddress(remoteAddressOf: client.rawValue)
        #expect(remote == listener.localAddress)
    }

    @Test func listensOnAUnixSocket() throws {
        let directory = try TemporaryDirectory()
        let address = SocketAddress.unix(path: "\(directory.path)/a.sock")
        let listener = try ListeningSocket.bind(to: address)
        #expect(listener.localAddress == address)
        let client = try Socket.connect(to: address)
        #expect(becomesReadable(listener.descriptor.rawValue))
        let listening = try PeerCredentials(ofPeerOnUnixSocket: client.rawValue)
        #expect(listening.processID == getpid())
    }

    @Test(.timeLimit(.minutes(1)))
    func abandonedUnixSocketIsReplaced() async throws {
        let directory = try TemporaryDirectory()
        let address = SocketAddress.unix(path: "\(directory.path)/a.sock")
        // Closing a listening socket leaves its file, as a killed process does.
        for _ in 0..<3 {
            let listener = try await bindOnceAbandoned(address)
            #expect(listener.localAddress == address)
        }
    }

    /// Binds once nobody has the address, not even a child that another test is just starting, which holds
    /// a copy of every descriptor until it runs its program.
    private func bindOnceAbandoned(_ address: SocketAddress) async throws -> ListeningSocket {
        while true {
            if let listener = try bindUnlessInUse(address) { return listener }
            await Task.yield()
        }
    }

    private func bindUnlessInUse(_ address: SocketAddress) throws -> ListeningSocket? {
        do {
            return try ListeningSocket.bind(to: address)
        } catch {
            guard error.code == EADDRINUSE else { throw error }
            return nil
        }
    }

    @Test func unixSocketThatAnswersIsNotReplaced() throws {
        let directory = try TemporaryDirectory()
        let address = SocketAddress.unix(path: "\(directory.path)/a.sock")
        let listener = try ListeningSocket.bind(to: address)
        expectInUse(address)
        let wasAsked = try acceptsConnection(listener)
        #expect(wasAsked, "the question was a connection")
        let client = try Socket.connect(to: address)
        #expect(
            becomesReadable(listener.descriptor.rawValue),
            "descriptor \(client.rawValue) reaches it")
    }

    @Test func unixSocketWithAFullBacklogIsNotReplaced() throws {
        let directory = try TemporaryDirectory()
        let address = SocketAddress.unix(path: "\(directory.path)/a.sock")
        let listener = try ListeningSocket.bind(to: address, backlog: 0)
        let waiting = try Socket.connect(to: address)
        #expect(throws: SystemError("connect to \(address)", code: EAGAIN)) {
            _ = try Socket.connect(to: address)
        }
        expectInUse(address)
        let accepts = try acceptsConnection(listener)
        #expect(accepts, "descriptor \(waiting.rawValue) waits")
    }

    @Test func ordinaryFileIsNotReplaced() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/precious"
        let file = try OwnedDescriptor(
            owning: open(path, O_CREAT | O_WRONLY, 0o600), from: "make \(path)")
        expectInUse(.unix(path: path))
        var (before, after) = (stat(), stat())
        #expect(fstat(file.rawValue, &before) == 0)
        #expect(lstat(path, &after) == 0)
        #expect(before.st_ino == after.st_ino)
    }

    @Test func adoptsASocketThatListens() throws {
        let listener = try ListeningSocket.bind(to: .loopback(port: 0))
        let address = listener.localAddress
        // As it is passed: blocking, and inherited by exec.
        let passed = try OwnedDescriptor(owning: dup(listener.descriptor.rawValue), from: "dup")
        #expect(fcntl(passed.rawValue, F_SETFL, 0) == 0)

        let adopted = try ListeningSocket(adopting: passed)
        #expect(adopted.localAddress == address)
        #expect(flags(of: adopted.descriptor.rawValue) == .nonBlockingAndCloseOnExec)
        let client = try Socket.connect(to: address)
        #expect(becomesReadable(adopted.descriptor.rawValue))
        let accepts = try acceptsConnection(adopted)
        #expect(accepts, "descriptor \(client.rawValue) waits")
    }

    @Test func adoptsOnlyASocketThatListens() throws {
        let unbound = #expect(throws: SystemError.self) {
            _ = try ListeningSocket(adopting: Socket.open(for: .loopback(port: 0)))
        }
        #expect(unbound?.code == EINVAL)
        let pipe = try Pipe()
        let number = dup(pipe.reader.rawValue)
        let noSocket = #expect(throws: SystemError.self) {
            _ = try ListeningSocket(adopting: OwnedDescriptor(owning: number))
        }
        #expect(noSocket?.code == ENOTSOCK)
    }

    private func expectInUse(
        _ address: SocketAddress, at location: SourceLocation = #_sourceLocation
    ) {
        let error = #expect(throws: SystemError.self, sourceLocation: location) {
            _ = try ListeningSocket.bind(to: address)
        }
        #expect(error == SystemError("bind \(address)", code: EADDRINUSE), sourceLocation: location)
    }

    private struct Flags: Equatable {
        static let nonBlockingAndCloseOnExec = Flags(isNonBlocking: true, isCloseOnExec: true)

        var isNonBlocking: Bool
        var isCloseOnExec: Bool
    }

    private func flags(of descriptor: CInt) -> Flags {
        Flags(
            isNonBlocking: fcntl(descriptor, F_GETFL) & O_NONBLOCK != 0,
            isCloseOnExec: fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
    }
}
