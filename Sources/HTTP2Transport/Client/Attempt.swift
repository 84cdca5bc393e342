internal import Glibc
internal import LinuxIO

/// One attempt to connect.
///
/// Belongs to the loop's thread.
final class Attempt {
    /// A descriptor on its way through a `Result`, which takes no values without copies.
    final class Connected {
        private var descriptor: OwnedDescriptor?

        init(_ descriptor: consuming OwnedDescriptor) {
            self.descriptor = consume descriptor
        }

        func take() -> OwnedDescriptor {
            guard let descriptor = descriptor.take() else {
                preconditionFailure("a connection is taken once")
            }
            return descriptor
        }
    }

    private let target: SocketAddress
    private var descriptor: OwnedDescriptor?
    private var watch: Watch?
    private var timer: LoopTimer?
    private let completion: (Result<Connected, SystemError>) -> Void

    /// Begins to connect.
    ///
    /// - Parameters:
    ///   - target: Where to.
    ///   - timeout: From now.
    ///   - loop: Watches the socket.
    ///   - completion: Called once, later, unless the attempt is cancelled.
    /// - Throws: Where it fails at once.
    init(
        to target: SocketAddress, timeout: Duration, loop: EventLoop,
        completion: @escaping (Result<Connected, SystemError>) -> Void
    ) throws(SystemError) {
        self.target = target
        self.completion = completion
        let descriptor = try Socket.connect(to: target)
        let fd = descriptor.rawValue
        self.descriptor = consume descriptor
        watch = try loop.watch(fd, for: .writable) { [weak self] _ in self?.finish() }
        timer = loop.schedule(after: timeout) { [weak self] in
            self?.fail(SystemError("connect to \(target) within \(timeout)", code: ETIMEDOUT))
        }
    }

    func cancel() {
        watch?.cancel()
        timer?.cancel()
        watch = nil
        descriptor = nil
    }

    private func finish() {
        guard let fd = descriptor?.rawValue else { return }
        do {
            let error = try Socket.pendingError(of: fd)
            guard error == 0 else {
                fail(SystemError("connect to \(target)", code: error))
                return
            }
        } catch {
            fail(error)
            return
        }
        guard let descriptor = descriptor.take() else { return }
        cancel()
        completion(.success(Connected(descriptor)))
    }

    private func fail(_ error: SystemError) {
        cancel()
        completion(.failure(error))
    }
}
