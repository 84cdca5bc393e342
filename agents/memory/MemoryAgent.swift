import AgentAPI
import AgentRuntime
import Logging

/// The memory agent: a durable key-value store for all sessions.
@main
struct MemoryAgent: Agent {
    static let id = "memory"
    static let defaultPort: UInt16 = 50052
    static let summary = "Key-value memory with full-text search, shared by all sessions"

    static func make(in environment: AgentEnvironment) async throws -> AgentServices {
        let logger = environment.logger
        let durability = try Durability(setting: ProcessEnvironment.variables()["OP_DURABILITY"])
        let store = try MemoryStore(directory: environment.stateDirectory, durability: durability)
        if let copy = store.database.damagedCopy {
            logger.critical(
                "DATA_LOSS: the database was damaged and is kept as \(copy); began a new one")
        }
        let upkeep = Task(executorPreference: globalConcurrentExecutor) {
            await store.keepUp { logger.error("\($0)") }
        }
        let service = MemoryService(store: store)
        return AgentServices(
            operations: MemoryOperations(store: store).all, typed: [service],
            direct: [
                DirectMethod(Op_Agents_V1_Memory.Method.Remember.descriptor, service.remember),
                DirectMethod(Op_Agents_V1_Memory.Method.Recall.descriptor, service.recall),
            ],
            shutdown: {
                upkeep.cancel()
                await upkeep.value
                do { try store.close() } catch { logger.error("\(error)") }
            })
    }
}
