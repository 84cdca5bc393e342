internal import GRPCCore

/// The service that is measured: the same code over every transport.
struct EchoService: RegistrableRPCService {
    func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
        let bytes = RawBytes()
        router.registerHandler(
            forMethod: EchoMethod.echo, deserializer: bytes, serializer: bytes
        ) { request, _ in
            let single = try await ServerRequest(stream: request)
            return StreamingServerResponse(single: ServerResponse(message: single.message))
        }
        router.registerHandler(
            forMethod: EchoMethod.echoEach, deserializer: bytes, serializer: bytes
        ) { request, _ in
            StreamingServerResponse { writer in
                for try await message in request.messages { try await writer.write(message) }
                return [:]
            }
        }
        router.registerHandler(
            forMethod: EchoMethod.collect, deserializer: bytes, serializer: bytes
        ) { request, _ in
            let count = try await request.messages.reduce(0) { $0 + $1.count }
            return StreamingServerResponse(
                single: ServerResponse(message: Array(String(count).utf8)))
        }
        router.registerHandler(
            forMethod: EchoMethod.produce, deserializer: bytes, serializer: bytes
        ) { request, _ in
            let single = try await ServerRequest(stream: request)
            guard let size = Int(String(decoding: single.message, as: UTF8.self)), size > 0 else {
                throw RPCError(
                    code: .invalidArgument, message: "cannot produce messages of no size")
            }
            return StreamingServerResponse { writer in
                let message = [UInt8](repeating: 0x6f, count: size)
                while !Task.isCancelled { try await writer.write(message) }
                return [:]
            }
        }
    }
}
