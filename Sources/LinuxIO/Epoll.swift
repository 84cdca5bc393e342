internal import CLinuxIO
private import Glibc

/// What a descriptor is watched for, or is ready for (epoll(7), level-triggered).
package struct Readiness: OptionSet, Sendable, Hashable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// There is something to read, or the end.
    package static let readable = Readiness(rawValue: EPOLLIN.rawValue)
    /// There is room to write.
    package static let writable = Readiness(rawValue: EPOLLOUT.rawValue)
    /// The peer is gone in both directions, or an error is pending.
    ///
    /// Always reported, never asked for.
    package static let hungUp = Readiness(rawValue: EPOLLHUP.rawValue | EPOLLERR.rawValue)
}

/// An epoll instance.
///
/// Events carry a number that the caller chose.
struct Epoll: ~Copyable {
    private let descriptor: OwnedDescriptor

    init() throws(SystemError) {
        descriptor = try OwnedDescriptor(
            owning: epoll_create1(CInt(EPOLL_CLOEXEC)), from: "create an epoll instance")
    }

    func add(_ fd: CInt, for interest: Readiness, token: UInt64) throws(SystemError) {
        try control(EPOLL_CTL_ADD, fd, interest, token)
    }

    func modify(_ fd: CInt, for interest: Readiness, token: UInt64) throws(SystemError) {
        try control(EPOLL_CTL_MOD, fd, interest, token)
    }

    func remove(_ fd: CInt) throws(SystemError) {
        try control(EPOLL_CTL_DEL, fd, [], 0)
    }

    /// Waits for events.
    ///
    /// - Parameters:
    ///   - events: Filled from the start.
    ///   - blocks: Wait until there is one; otherwise only look.
    /// - Returns: How many events were filled in; 0 where a signal interrupted.
    /// - Throws: ``SystemError`` where the instance cannot be waited on.
    func wait(into events: inout [epoll_event], blocks: Bool) throws(SystemError) -> Int {
        let count = epoll_wait(descriptor.rawValue, &events, CInt(events.count), blocks ? -1 : 0)
        if count < 0 {
            guard errno == EINTR else { throw SystemError("wait for events") }
            return 0
        }
        return Int(count)
    }

    private func control(
        _ operation: CInt, _ fd: CInt, _ interest: Readiness, _ token: UInt64
    ) throws(SystemError) {
        var event = epoll_event(events: interest.rawValue, data: epoll_data_t(u64: token))
        guard epoll_ctl(descriptor.rawValue, operation, fd, &event) == 0 else {
            throw SystemError("watch descriptor \(fd)")
        }
    }
}
