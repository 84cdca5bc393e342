import Testing

@testable import Supervision

struct BackoffTests {
    @Test(arguments: [
        (0, 0.0, 100), (1, 0.0, 200), (2, 0.0, 400), (3, 0.0, 800), (4, 0.0, 1_600),
        (5, 0.0, 3_200), (6, 0.0, 6_400), (7, 0.0, 12_800), (8, 0.0, 25_600), (9, 0.0, 30_000),
        (1_000, 0.0, 30_000), (Int.max, 0.0, 30_000), (-1, 0.0, 100),
        (0, -1.0, 80), (0, 1.0, 120), (0, 0.5, 110), (3, -1.0, 640), (3, 1.0, 960),
        (8, 1.0, 30_000), (9, 1.0, 30_000), (9, -1.0, 24_000),
        (0, -5.0, 80), (0, 5.0, 120),
    ])
    func delaysDoubleAreSpreadAndCapped(attempt: Int, jitter: Double, milliseconds: Int) {
        let delay = Backoff().delay(attempt: attempt, jitter: jitter)
        #expect(abs(delay / .milliseconds(1) - Double(milliseconds)) < 0.001)
    }
}
