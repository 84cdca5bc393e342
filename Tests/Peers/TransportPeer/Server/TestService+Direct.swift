internal import GRPCCore
internal import GRPCProtobuf
internal import HTTP2Transport

extension TestService {
    /// Its unary methods, for a transport that answers them itself.
    var directMethods: DirectMethods {
        typealias Method = Grpc_Testing_TestService.Method
        var methods = DirectMethods()
        methods.register(
            Method.EmptyCall.descriptor, deserializer: ProtobufDeserializer(),
            serializer: ProtobufSerializer(), handler: emptyCall)
        methods.register(
            Method.UnaryCall.descriptor, deserializer: ProtobufDeserializer(),
            serializer: ProtobufSerializer(), handler: unaryCall)
        return methods
    }
}
