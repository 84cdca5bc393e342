import AgentAPI
import AgentRuntime
import GRPCCore

extension MemoryService {
    /// Stores entries a batch at a time as they arrive, so that memory stays bounded whatever a client sends.
    func bulkRemember(
        request: RPCAsyncSequence<Op_Agents_V1_MemoryRememberRequest, any Error>,
        context: ServerContext
    ) async throws -> Op_Agents_V1_MemoryBulkRememberResponse {
        var outcome = BulkOutcome()
        var batch: [BulkElement<NewEntry>] = []
        var size = 0
        var taken = 0

        func storeBatch() async throws {
            let entries = batch
            outcome.add(
                try await store.atLength { try $0.rememberAll(entries) }, startingAt: taken)
            taken += batch.count
            batch.removeAll(keepingCapacity: true)
            size = 0
        }

        for try await message in request {
            if taken + batch.count == MemoryLimits.bulkCount {
                try await storeBatch()
                throw OperationError(
                    .invalidArgument,
                    "cannot take more than \(MemoryLimits.bulkCount) entries in one call: stored \(outcome.done) of them; send the others in another"
                )
            }
            batch.append(.of { () throws(OperationError) in try NewEntry(message) })
            size += message.value.utf8.count
            if batch.count >= MemoryLimits.batchCount || size >= MemoryLimits.batchBytes {
                try await storeBatch()
            }
        }
        if !batch.isEmpty { try await storeBatch() }

        var response = Op_Agents_V1_MemoryBulkRememberResponse()
        response.stored = UInt32(outcome.done)
        response.overwritten = UInt32(outcome.overwritten)
        response.errors = outcome.errors.map(Op_Agents_V1_MemoryBulkError.init)
        return response
    }

    /// Reads a part of the keys at a time, no faster than the client takes the answers.
    func bulkRecall(
        request: Op_Agents_V1_MemoryBulkRecallRequest,
        response: RPCWriter<Op_Agents_V1_MemoryRecallResponse>, context: ServerContext
    ) async throws {
        try MemoryStore.check(bulkCount: request.keys.count)
        let names = try request.keys.map { try EntryName($0, in: request.namespace) }
        var rest = names[...]
        while !rest.isEmpty {
            let part = rest
            let entries = try await store.atLength { try $0.recallAll(part) }
            try await response.write(
                contentsOf: zip(entries, rest).map { entry, name in
                    Op_Agents_V1_MemoryRecallResponse(entry, of: name)
                })
            rest = rest.dropFirst(entries.count)
        }
    }

    func bulkForget(
        request: Op_Agents_V1_MemoryBulkForgetRequest, context: ServerContext
    ) async throws -> Op_Agents_V1_MemoryBulkForgetResponse {
        let names = request.keys.map { key in
            BulkElement<EntryName>.of { () throws(OperationError) in
                try EntryName(key, in: request.namespace)
            }
        }
        let outcome = try await store.atLength {
            try $0.forgetAll(names, atomic: request.atomic)
        }
        var response = Op_Agents_V1_MemoryBulkForgetResponse()
        response.forgotten = UInt32(outcome.done)
        response.errors = outcome.errors.map(Op_Agents_V1_MemoryBulkError.init)
        return response
    }
}
