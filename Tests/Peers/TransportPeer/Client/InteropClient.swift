internal import GRPCCore
internal import HTTP2Transport
private import SwiftProtobuf

/// The client's side of the gRPC interoperability tests; the files beside this one have its cases.
struct InteropClient {
    typealias Service = Grpc_Testing_TestService.Client<HTTP2ClientTransport>
    typealias OutputRequest = Grpc_Testing_StreamingOutputCallRequest
    typealias OutputResponse = Grpc_Testing_StreamingOutputCallResponse

    let service: Service
    let client: GRPCClient<HTTP2ClientTransport>
    let options: CallOptions

    init(_ client: GRPCClient<HTTP2ClientTransport>, options: CallOptions) {
        self.client = client
        self.options = options
        service = Service(wrapping: client)
    }

    /// The sizes that most cases use, in bytes.
    static let largeRequest = 271_828
    static let largeResponse = 314_159

    /// The request that most cases send.
    static let largeRequestMessage = Grpc_Testing_SimpleRequest.with {
        $0.responseSize = Int32(largeResponse)
        $0.payload = Grpc_Testing_Payload(zeros: largeRequest)
    }

    /// A request for messages of these sizes, with a payload of its own.
    static func outputRequest(_ sizes: Int32..., payload: Int = 0) -> OutputRequest {
        .with {
            $0.responseParameters = sizes.map { size in .with { $0.size = size } }
            if payload > 0 { $0.payload = Grpc_Testing_Payload(zeros: payload) }
        }
    }

    /// The error that a call ends with.
    ///
    /// - Throws: ``Mismatch`` where it ends with none.
    func failure(of call: @concurrent () async throws -> Void) async throws -> RPCError {
        do {
            try await call()
        } catch let error as RPCError {
            return error
        }
        throw Mismatch("outcome", was: "a success", expected: "an error")
    }
}
