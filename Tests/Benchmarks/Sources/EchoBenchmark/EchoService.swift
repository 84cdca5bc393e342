internal import GRPCCore

/// The service that is measured: the same code over every transport.
struct EchoService: RegistrableRPCService {
    func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
        router.registerHandler(
            forMethod: EchoMethod.echo, deserializer: RawBytes(), serializer: RawBytes()
        ) { request, _ in
            let single = try await ServerRequest(stream: request)
            return StreamingServerResponse(single: ServerResponse(message: single.message))
        }
        router.registerHandler(
            forMethod: EchoMethod.cpuTime, deserializer: RawBytes(), serializer: RawBytes()
        ) { _, _ in
            let text = String(CPUTime.ofThisProcess().nanoseconds)
            return StreamingServerResponse(single: ServerResponse(message: Array(text.utf8)))
        }
    }
}
