import Foundation
import Glibc
import LinuxIO
import Testing

@testable import SupervisorRuntime

/// A relayed connection between two pairs of sockets, of which the tests have the outer ends.
@Suite(.timeLimit(.minutes(1)))
struct RelayedConnectionTests {
    private let loop: EventLoop

    init() throws {
        loop = try EventLoop(name: "relay-test")
    }

    @Test func bytesPassBothWaysAndTheEndOfEachToo() async throws {
        defer { loop.stop() }
        let relay = RelayUnderTest(on: loop)
        relay.begin()
        let instance = relay.join()
        relay.client.send("question")
        #expect(instance.receive(8) == "question")
        instance.send("answer")
        #expect(relay.client.receive(6) == "answer")
        relay.client.endSending()
        #expect(instance.receive(1) == "")
        instance.send("more")
        instance.endSending()
        #expect(relay.client.receive(5) == "more")
        #expect(await relay.nextOutcome() == .over)
    }

    @Test func aSlowReaderGetsEverythingInOrder() async throws {
        defer { loop.stop() }
        let relay = RelayUnderTest(on: loop)
        relay.begin()
        let instance = relay.join()
        instance.send("hello")
        #expect(relay.client.receive(5) == "hello")
        // Far more than the sockets and the relay hold between them.
        let text = (0..<1_000_000).map { "\($0)," }.joined()
        Thread.detachNewThread {
            instance.send(text)
            instance.endSending()
        }
        #expect(relay.client.receive(.max) == text)
    }

    @Test func whomAnInstanceDidNotAnswerTheNextOneDoes() async throws {
        defer { loop.stop() }
        let relay = RelayUnderTest(on: loop)
        relay.begin()
        let first = relay.join()
        relay.client.send("question")
        #expect(first.receive(8) == "question")
        first.close()
        #expect(await relay.nextOutcome() == .unanswered)
        relay.client.send(" and more")
        let second = relay.join()
        #expect(second.receive(17) == "question and more")
        second.send("answer")
        #expect(relay.client.receive(6) == "answer")
    }

    @Test func whomAnInstanceDidAnswerItsEndReaches() async throws {
        defer { loop.stop() }
        let relay = RelayUnderTest(on: loop)
        relay.begin()
        let instance = relay.join()
        instance.send("settings")
        #expect(relay.client.receive(8) == "settings")
        instance.close()
        #expect(relay.client.receive(1) == "")
        relay.client.close()
        #expect(await relay.nextOutcome() == .over)
    }

    @Test func aClientThatLeftIsKeptForNobody() async throws {
        defer { loop.stop() }
        let relay = RelayUnderTest(on: loop)
        relay.begin()
        let instance = relay.join()
        relay.client.send("question")
        relay.client.close()
        #expect(instance.receive(.max) == "question")
        instance.close()
        #expect(await relay.nextOutcome() == .over)
    }
}

/// What the tests have of a relayed connection.
///
/// Sendable by confinement: the connection is used on the loop's thread alone.
private final class RelayUnderTest: @unchecked Sendable {
    let client: BlockingSocket
    private let inner: CInt
    private let loop: EventLoop
    private let outcomes: AsyncStream<RelayedConnection.Outcome>
    private let ending: AsyncStream<RelayedConnection.Outcome>.Continuation
    private var connection: RelayedConnection?

    init(on loop: EventLoop) {
        self.loop = loop
        (outcomes, ending) = AsyncStream.makeStream()
        (client, inner) = BlockingSocket.pair()
    }

    /// Begins to relay for the client, which waits for an instance.
    func begin() {
        loop.execute { [self] in
            connection = RelayedConnection(OwnedDescriptor(owning: inner), on: loop)
        }
    }

    /// Joins the client to an instance.
    func join() -> BlockingSocket {
        let (instance, socket) = BlockingSocket.pair()
        loop.execute { [self] in
            connection?.join(OwnedDescriptor(owning: socket)) {
            } onEnd: { [ending] _, outcome in
                ending.yield(outcome)
            }
        }
        return instance
    }

    func nextOutcome() async -> RelayedConnection.Outcome? {
        await outcomes.first { _ in true }
    }
}

/// The end of a connection that a test reads and writes, blocking.
private final class BlockingSocket: Sendable {
    private let descriptor: CInt

    private init(_ descriptor: CInt) { self.descriptor = descriptor }

    deinit { Glibc.close(descriptor) }

    /// A blocking end, and a non-blocking one that the caller owns.
    static func pair() -> (BlockingSocket, CInt) {
        var ends: [CInt] = [0, 0]
        let type = CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        precondition(socketpair(AF_UNIX, type, 0, &ends) == 0)
        precondition(fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0)
        return (BlockingSocket(ends[0]), ends[1])
    }

    func send(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
            }
            precondition(count > 0, "the other end is gone")
            rest.removeFirst(count)
        }
    }

    /// So many bytes, or fewer where the end comes before.
    func receive(_ count: Int) -> String {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count < count {
            let received = recv(descriptor, &chunk, min(chunk.count, count - bytes.count), 0)
            guard received > 0 else { break }
            bytes += chunk.prefix(received)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    func endSending() { shutdown(descriptor, CInt(SHUT_WR)) }

    /// Ends both directions; the descriptor goes with this object.
    func close() { shutdown(descriptor, CInt(SHUT_RDWR)) }
}
