public import GRPCCore

/// Unary methods that a server transport answers itself, from the bytes of a request to the bytes of its response.
///
/// GRPCCore's server passes every call, a unary one too, through streams of parts, which costs several times as
/// much as the transport's own work. A method that is registered here is called with its whole request, as soon
/// as that has arrived, and its response leaves in one write; the rest is as it is behind GRPCCore's server:
/// deadlines, cancellation, limits, compression, metadata, statuses, and who may call.
///
/// Interceptors of a `GRPCServer` do not see these methods. A method that is also in the server's router is
/// answered here.
public struct DirectMethods: Sendable {
    /// Answers a request.
    ///
    /// It runs on the transport's event loop. What it throws ends the call: `RPCError`, and what converts to
    /// one, with that; anything else as UNKNOWN.
    public typealias Handler =
        @Sendable (_ request: ServerRequest<[UInt8]>, _ context: ServerContext) async throws ->
        ServerResponse<[UInt8]>

    struct Method {
        let descriptor: MethodDescriptor
        let handler: Handler
    }

    private var methods: [String: Method] = [:]

    /// Creates a set without methods.
    public init() {}

    /// The method behind the `:path` of a request.
    subscript(path: String) -> Method? { methods[path] }

    /// Registers a method, in place of one that was registered for the same descriptor.
    ///
    /// - Parameters:
    ///   - descriptor: Its service and name.
    ///   - handler: Answers it.
    public mutating func register(_ descriptor: MethodDescriptor, handler: @escaping Handler) {
        var descriptor = descriptor
        // A request does not say it, so that handlers of GRPCCore's server are not told it either.
        descriptor.type = nil
        methods["/" + descriptor.fullyQualifiedMethod] = Method(
            descriptor: descriptor, handler: handler)
    }

    /// Registers a method whose messages have types.
    ///
    /// - Parameters:
    ///   - descriptor: Its service and name.
    ///   - deserializer: Reads requests; what it throws ends the call.
    ///   - serializer: Writes responses.
    ///   - handler: Answers it.
    public mutating func register<Input: Sendable, Output: Sendable>(
        _ descriptor: MethodDescriptor,
        deserializer: some MessageDeserializer<Input>,
        serializer: some MessageSerializer<Output>,
        handler:
            @escaping @Sendable (_ request: ServerRequest<Input>, _ context: ServerContext)
            async throws -> ServerResponse<Output>
    ) {
        register(descriptor) { request, context in
            let input = ServerRequest(
                metadata: request.metadata,
                message: try deserializer.deserialize(request.message))
            let output = try await handler(input, context).accepted.get()
            do {
                return ServerResponse(
                    message: try serializer.serialize(output.message), metadata: output.metadata,
                    trailingMetadata: output.trailingMetadata)
            } catch {
                throw UnwrittenMessage(metadata: output.metadata, cause: error)
            }
        }
    }
}

/// A response that has metadata, and whose message could not be serialized.
struct UnwrittenMessage: Error {
    let metadata: Metadata
    let cause: any Error
}
