internal import AgentAPI
private import CoreMetrics
internal import GRPCCore
internal import LinuxIO
internal import SwiftProtobuf
internal import Synchronization

/// A client of the fleet of agents.
///
/// ```swift
/// let client = try GRPCAgentClient()
/// let session = try await client.startSession(clientName: "op-chat")
/// let answer = try await session.execute("memory", "recall", arguments: #"{"key": "greeting"}"#)
/// for try await chunk in session.executeStream("rust_pro", "build") { print(chunk.text, terminator: "") }
/// try await session.end()
/// await client.close()
/// ```
///
/// It needs to know one port of the fleet. From ``startSession(id:clientName:metadata:prewarm:)`` and
/// ``agents()`` it learns where each agent listens, and from then on dials the agent itself, over a
/// connection that it keeps. Where that connection cannot be made it asks the known port instead, which forwards.
///
/// It counts calls and sessions for the backend of swift-metrics that is in place when it is created: call
/// `MetricsSystem.bootstrap` before.
public final class GRPCAgentClient: Sendable {
    /// What the client was made with.
    public let configuration: AgentClientConfiguration

    private let home: SocketAddress
    private let pool: ChannelPool
    private let directory = Mutex(FleetDirectory())
    /// nil where the program has no backend for metrics.
    let metrics: ClientMetrics?

    /// Creates a client that connects with its first call.
    ///
    /// - Parameter configuration: How to reach the fleet; the defaults of `grpc.toml` by default.
    /// - Throws: INVALID_ARGUMENT where the configuration's address cannot be read; RESOURCE_EXHAUSTED where
    ///   descriptors or threads have run out.
    public convenience init(
        configuration: AgentClientConfiguration = AgentClientConfiguration()
    ) throws(AgentCallError) {
        try self.init(
            configuration: configuration,
            dialer: try HTTP2Dialer(connectTimeout: configuration.connectTimeout))
    }

    /// Creates a client with channels of another kind.
    ///
    /// - Parameters:
    ///   - configuration: How to reach the fleet.
    ///   - dialer: Makes the channels; closed with the client.
    /// - Throws: INVALID_ARGUMENT where the configuration's address cannot be read.
    package init(
        configuration: AgentClientConfiguration, dialer: any Dialing
    ) throws(AgentCallError) {
        do {
            home = try SocketAddress(parsing: configuration.address)
        } catch {
            throw AgentCallError(.invalidArgument, error.description, wasSent: false)
        }
        self.configuration = configuration
        pool = ChannelPool(dialer: dialer)
        metrics = ClientMetrics(factory: MetricsSystem.factory)
    }

    /// Waits for running calls and closes all connections.
    ///
    /// Calls made afterwards fail.
    ///
    /// Call it before letting the client go: its connections live until then.
    public func close() async {
        await pool.close()
        metrics?.allSessionsEnded()
    }
}

// MARK: - What other files of this type build on

extension GRPCAgentClient {
    /// Whether a call may be sent again after it may have been carried out.
    enum Repetition: Sendable {
        /// It does no more the second time than it did the first.
        case safe
        /// If the operations of the agent say so.
        case safeIfReadOnly(operation: String, agent: String)
        /// It might be done twice.
        case unsafe
    }

    /// Remembers where agents listen.
    func learn(_ agents: [AgentInfo]) {
        directory.withLock { $0.learn(agents) }
        metrics?.learn(agents)
    }

    /// Remembers what an agent can do.
    func learn(_ operations: [AgentOperation], of agent: String) {
        directory.withLock { $0.learn(operations, of: agent) }
    }

    /// Carries out a call: picks the connection, and repeats it where that is safe.
    ///
    /// - Parameters:
    ///   - agent: The agent that the call is for; nil for the fleet as a whole.
    ///   - timeout: How long the call with all its retries may take; nil for no limit.
    ///   - repetition: Whether it may be sent again after it may have been carried out.
    ///   - attempt: Tries once, on a channel, within what is left of the time.
    /// - Returns: The answer of the attempt that succeeded.
    /// - Throws: The error of the last attempt.
    func carryOut<Answer: Sendable>(
        for agent: String?, timeout: Duration?, repetition: Repetition,
        _ attempt: (any AgentChannel, Duration?) async throws(AgentCallError) -> Answer
    ) async throws(AgentCallError) -> Answer {
        let policy = RetryPolicy(maximum: configuration.maxRetries)
        let deadline = Deadline(in: timeout)
        var retry = 0
        while true {
            do throws(AgentCallError) {
                return try await attemptOnce(for: agent, deadline: deadline, attempt)
            } catch {
                guard error.code == .unavailable,
                    let delay = policy.delay(beforeRetry: retry, chance: .random(in: 0...1)),
                    deadline.allows(delay), await isSafe(repetition, after: error, deadline)
                else { throw error }
                do {
                    try await Task.sleep(for: delay)
                } catch {
                    throw AgentCallError(.cancelled, "cannot try again: the call was cancelled")
                }
                retry += 1
            }
        }
    }

    /// Asks the agent itself where it can be dialled, otherwise the known port.
    private func attemptOnce<Answer: Sendable>(
        for agent: String?, deadline: Deadline,
        _ attempt: (any AgentChannel, Duration?) async throws(AgentCallError) -> Answer
    ) async throws(AgentCallError) -> Answer {
        if configuration.poolConnections, let agent,
            let address = directory.withLock({ $0.address(of: agent) }), address != home
        {
            do throws(AgentCallError) {
                return try await attempt(try pool.channel(to: address), deadline.remaining)
            } catch  where error.isUnreachable {
                // The agent's listener is closed, or it moved: the known port forwards or says why.
            }
        }
        return try await attempt(try pool.channel(to: home), deadline.remaining)
    }

    private func isSafe(
        _ repetition: Repetition, after error: AgentCallError, _ deadline: Deadline
    ) async -> Bool {
        guard error.wasSent else { return true }
        switch repetition {
        case .safe: return true
        case .unsafe: return false
        case .safeIfReadOnly(let operation, let agent):
            if let known = directory.withLock({ $0.isReadOnly(operation, of: agent) }) {
                return known
            }
            // Asked only now, since most calls never need to know.
            guard
                let operations = try? await attemptOnce(
                    for: agent, deadline: deadline,
                    { channel, timeout throws(AgentCallError) in
                        try await channel.listOperations(
                            .with { $0.agentID = agent }, timeout: timeout)
                    })
            else { return false }
            learn(operations.operations.map(AgentOperation.init), of: agent)
            return directory.withLock { $0.isReadOnly(operation, of: agent) } ?? false
        }
    }
}
