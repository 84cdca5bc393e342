/// Says when it is gone.
final class Sentinel: Sendable {
    private let whenGone: @Sendable () -> Void

    init(whenGone: @escaping @Sendable () -> Void) {
        self.whenGone = whenGone
    }

    deinit {
        whenGone()
    }
}
