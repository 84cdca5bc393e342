/// A descriptor that an ``EventLoop`` watches.
///
/// Belongs to the loop's thread.
package final class Watch {
    package let descriptor: CInt
    /// What it is watched for; ``Readiness/hungUp`` is always reported.
    package private(set) var interest: Readiness
    let handler: (Readiness) -> Void
    var token: UInt64 = 0
    /// The loop outlives its watches; nil once cancelled.
    private var loop: EventLoop?

    init(
        descriptor: CInt, interest: Readiness, loop: EventLoop,
        handler: @escaping (Readiness) -> Void
    ) {
        self.descriptor = descriptor
        self.interest = interest
        self.loop = loop
        self.handler = handler
    }

    /// Changes what it is watched for.
    package func update(_ interest: Readiness) {
        guard interest != self.interest else { return }
        self.interest = interest
        loop?.update(self)
    }

    /// Ends the watch: the handler is not called again, not even for what epoll has reported already.
    ///
    /// Comes before the descriptor is closed. Cancelling twice does nothing.
    package func cancel() {
        loop?.remove(self)
        loop = nil
    }
}

/// The watches of a loop by the token that epoll reports.
///
/// A token names a slot and its generation, so that an event of a cancelled watch never reaches the
/// one that took its slot.
struct WatchTable {
    static let wakeUpToken = UInt64.max
    static let timerToken = UInt64.max - 1

    private struct Slot {
        var generation: UInt32 = 0
        var watch: Watch?
    }

    private var slots: [Slot] = []
    private var free: [Int] = []

    subscript(token: UInt64) -> Watch? {
        let slot = slots[Int(token & 0xffff_ffff)]
        return slot.generation == UInt32(token >> 32) ? slot.watch : nil
    }

    mutating func insert(_ watch: Watch) -> UInt64 {
        let index: Int
        if let reused = free.popLast() {
            index = reused
        } else {
            index = slots.count
            slots.append(Slot())
        }
        slots[index].watch = watch
        return UInt64(slots[index].generation) << 32 | UInt64(index)
    }

    mutating func remove(_ token: UInt64) {
        let index = Int(token & 0xffff_ffff)
        guard slots[index].generation == UInt32(token >> 32), slots[index].watch != nil else {
            return
        }
        slots[index].watch = nil
        // The top generation is left out: with it a token could be one of the two reserved.
        slots[index].generation = (slots[index].generation + 1) % UInt32.max
        free.append(index)
    }
}
