import AgentAPI
import AgentRuntime
import GRPCCore
import SwiftProtobuf

/// The typed door, op.agents.v1.Memory: it translates, the store decides.
struct MemoryService: Op_Agents_V1_Memory.SimpleServiceProtocol {
    let store: MemoryStore

    func remember(
        request: Op_Agents_V1_MemoryRememberRequest, context: ServerContext
    ) async throws -> Op_Agents_V1_MemoryRememberResponse {
        let entry = try NewEntry(request)
        return Op_Agents_V1_MemoryRememberResponse(
            try await store.soon { try $0.remember(entry) })
    }

    func recall(
        request: Op_Agents_V1_MemoryRecallRequest, context: ServerContext
    ) async throws -> Op_Agents_V1_MemoryRecallResponse {
        let name = try EntryName(request.key, in: request.namespace)
        return Op_Agents_V1_MemoryRecallResponse(
            try await store.soon { try $0.recall(name) }, of: name)
    }

    func forget(
        request: Op_Agents_V1_MemoryForgetRequest, context: ServerContext
    ) async throws -> Op_Agents_V1_MemoryForgetResponse {
        let name = try EntryName(request.key, in: request.namespace)
        var response = Op_Agents_V1_MemoryForgetResponse()
        response.existed = try await store.soon { try $0.forget(name) }
        return response
    }

    func list(
        request: Op_Agents_V1_MemoryListRequest, context: ServerContext
    ) async throws -> Op_Agents_V1_MemoryListResponse {
        let query = try ListQuery(
            pattern: request.pattern, tag: request.tag,
            limit: request.limit == 0 ? 100 : Int(request.limit), cursor: request.cursor,
            namespace: request.namespace)
        let page = try await store.atLength { try $0.list(query) }
        var response = Op_Agents_V1_MemoryListResponse()
        response.keys = page.keys
        response.total = UInt64(page.total)
        response.nextCursor = page.next?.text ?? ""
        return response
    }

    func search(
        request: Op_Agents_V1_MemorySearchRequest, context: ServerContext
    ) async throws -> Op_Agents_V1_MemorySearchResponse {
        let query = try SearchQuery(
            request.query, limit: request.limit == 0 ? 20 : Int(request.limit),
            minimumScore: request.minScore, namespace: request.namespace)
        let found = try await store.atLength { try $0.search(query) }
        guard !found.isTruncated else {
            throw OperationError(
                .resourceExhausted,
                "cannot answer with all matches: their values fill a message after \(found.matches.count); send that as limit"
            )
        }
        var response = Op_Agents_V1_MemorySearchResponse()
        response.entries = found.matches.map(Op_Agents_V1_MemorySearchEntry.init)
        return response
    }
}
