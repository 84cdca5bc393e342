internal import AgentAPI
package import GRPCCore
private import GRPCProtobuf
internal import HTTP2Transport
private import LinuxIO
package import SwiftProtobuf

/// A unary method of a typed service that is called so often that it skips GRPCCore's server
/// (`HTTP2Transport.DirectMethods`), with the same outcome.
package struct DirectMethod: Sendable {
    private let descriptor: MethodDescriptor
    private let register: @Sendable (inout DirectMethods, CallCounter) -> Void

    /// Creates it.
    ///
    /// - Parameters:
    ///   - descriptor: Of the generated service.
    ///   - call: The service's own function.
    package init<Request: Message, Response: Message>(
        _ descriptor: MethodDescriptor,
        _ call: @escaping @Sendable (Request, ServerContext) async throws -> Response
    ) {
        self.descriptor = descriptor
        register = { methods, counter in
            methods.register(
                descriptor, deserializer: ProtobufDeserializer<Request>(),
                serializer: ProtobufSerializer<Response>()
            ) { request, context in
                // Written out, not by `counting`: its closure would cost more than counting does.
                let start = MonotonicInstant.now
                do {
                    let response = try await call(request.message, context)
                    counter.count(.ok, since: start)
                    return ServerResponse(message: response)
                } catch {
                    counter.count(Status.Code(RPCError(anyError: error).code), since: start)
                    throw error
                }
            }
        }
    }

    func register(in methods: inout DirectMethods, counting counters: CallCounters) {
        register(&methods, counters.counter(of: descriptor))
    }
}
