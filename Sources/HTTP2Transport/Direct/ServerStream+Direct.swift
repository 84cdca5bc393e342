internal import GRPCCore

extension ServerStream {
    /// Runs a direct method's handler: reads the whole request, and writes the whole response.
    ///
    /// What the handler and the client see is as GRPCCore's `ServerRPCExecutor` makes it, and
    /// `ServerRequest(stream:)`.
    func answer(with handler: DirectMethods.Handler, context: ServerContext) async {
        do {
            let request = try await wholeRequest()
            let response = try await handler(request, context).accepted.get()
            try write(response.metadata)
            _ = try put(response.message)
            try end(Status(code: .ok, message: ""), response.trailingMetadata)
        } catch let failure as UnwrittenMessage {
            // Its metadata is sent, as GRPCCore's server has sent it by the time that it serializes.
            do {
                try write(failure.metadata)
                end(failure.cause)
            } catch {
                end(error)
            }
        } catch {
            end(error)
        }
    }

    private func end(_ error: any Error) {
        let error = RPCError(mapping: error)
        // Throws only where the call has ended otherwise.
        try? end(Status(code: Status.Code(error.code), message: error.message), error.metadata)
    }

    private func wholeRequest() async throws -> ServerRequest<[UInt8]> {
        guard case .metadata(let metadata)? = try await nextPart() else {
            throw RPCError(
                code: .internalError, message: "cannot read the request: it has no metadata")
        }
        guard let message = try await nextPart().flatMap(wholeMessage) else {
            throw RPCError(
                code: .internalError,
                message: "cannot read the request: the method takes one message, and none came")
        }
        guard try await nextPart() == nil else {
            throw RPCError(
                code: .internalError,
                message: "cannot read the request: the method takes one message, and more came")
        }
        return ServerRequest(metadata: metadata, message: message)
    }
}
