internal import LinuxIO

/// What is due on a connection, whether or not anything arrives.
///
/// Their bodies refer to the connection as `unowned`, since it cancels them before it goes. A weak reference
/// would have each retain and release of the connection, of which a call makes many, take the slow way.
///
/// Belongs to the loop's thread.
struct ConnectionTimers {
    /// The next step of the keepalive.
    var keepalive: LoopTimer?
    /// When it may have been idle for too long.
    var idle: LoopTimer?
    /// When the peer must have begun to speak HTTP/2.
    var handshake: LoopTimer?
    /// When it has lived long enough.
    var age: LoopTimer?
    /// When the peer has had its time to answer that it knows that the connection ends.
    var drain: LoopTimer?
    /// When the peer has had its time to read why the connection ends.
    var linger: LoopTimer?

    /// Keeps all of them from firing.
    ///
    /// A timer would otherwise stay with the loop for as long as it was set.
    mutating func cancel() {
        for timer in [keepalive, idle, handshake, age, drain, linger] { timer?.cancel() }
        self = ConnectionTimers()
    }
}
