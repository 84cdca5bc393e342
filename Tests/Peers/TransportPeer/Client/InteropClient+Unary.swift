extension InteropClient {
    func emptyUnary() async throws {
        let response = try await service.emptyCall(Grpc_Testing_Empty(), options: options)
        try expect("response", response, is: Grpc_Testing_Empty())
    }

    func largeUnary() async throws {
        let response = try await service.unaryCall(Self.largeRequestMessage, options: options)
        try expect("payload", response.payload, is: Grpc_Testing_Payload(zeros: Self.largeResponse))
    }
}
