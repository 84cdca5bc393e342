package import LinuxIO
package import SupervisorRuntime
private import Synchronization

/// Answers health probes as a test says.
package final class ScriptedHealth: HealthCheckerMaking {
    private let answer: Mutex<HealthAnswer>
    private let asked = Mutex<[SocketAddress]>([])
    private let answerToNewConnections = Mutex<HealthAnswer?>(nil)

    /// Makes probes that all get one answer.
    ///
    /// - Parameter answer: The answer, until another is set.
    package init(_ answer: HealthAnswer = .serving) {
        self.answer = Mutex(answer)
    }

    /// Changes the answer.
    ///
    /// - Parameter answer: The answer from now on.
    package func set(_ answer: HealthAnswer) {
        self.answer.withLock { $0 = answer }
    }

    /// Where health was to be asked for, in order.
    package var addresses: [SocketAddress] { asked.withLock { $0 } }

    /// Changes the answer over new connections, which is as over old ones until then.
    ///
    /// - Parameter answer: The answer from now on.
    package func setForNewConnections(_ answer: HealthAnswer) {
        answerToNewConnections.withLock { $0 = answer }
    }

    package func makeChecker(of address: SocketAddress) -> any HealthChecking {
        asked.withLock { $0.append(address) }
        return Checker(health: self)
    }

    private struct Checker: HealthChecking {
        let health: ScriptedHealth

        func check(within timeout: Duration) async -> HealthAnswer {
            health.answer.withLock { $0 }
        }

        func checkNewConnection(within timeout: Duration) async -> HealthAnswer {
            health.answerToNewConnections.withLock { $0 } ?? health.answer.withLock { $0 }
        }

        func close() {}
    }
}
