package import GRPCCore
private import GRPCProtobuf
internal import HTTP2Transport
package import SwiftProtobuf

/// A unary method of a typed service that is called so often that it skips GRPCCore's server
/// (`HTTP2Transport.DirectMethods`), with the same outcome.
package struct DirectMethod: Sendable {
    private let register: @Sendable (inout DirectMethods) -> Void

    /// Creates it.
    ///
    /// - Parameters:
    ///   - descriptor: Of the generated service.
    ///   - call: The service's own function.
    package init<Request: Message, Response: Message>(
        _ descriptor: MethodDescriptor,
        _ call: @escaping @Sendable (Request, ServerContext) async throws -> Response
    ) {
        register = { methods in
            methods.register(
                descriptor, deserializer: ProtobufDeserializer<Request>(),
                serializer: ProtobufSerializer<Response>()
            ) { request, context in
                ServerResponse(message: try await call(request.message, context))
            }
        }
    }

    func register(in methods: inout DirectMethods) {
        register(&methods)
    }
}
