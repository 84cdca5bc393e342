private import FoundationEssentials
package import GRPCCore
private import SwiftProtobuf

/// `grpc.reflection.v1.ServerReflection`, from the contracts of this package.
package struct ReflectionService: Grpc_Reflection_V1_ServerReflection.SimpleServiceProtocol {
    private let services: [String]

    /// Creates the service.
    ///
    /// - Parameter services: The full names of the services that this server has registered; its own is among them.
    package init(services: some Sequence<String>) {
        self.services = services.sorted()
    }

    package func serverReflectionInfo(
        request: RPCAsyncSequence<Grpc_Reflection_V1_ServerReflectionRequest, any Error>,
        response: RPCWriter<Grpc_Reflection_V1_ServerReflectionResponse>, context: ServerContext
    ) async throws {
        try await RunningCall().run {
            for try await question in request {
                try await response.write(answer(to: question))
            }
        }
    }

    /// Answers one question; what is not found is an error inside the answer, and the stream goes on.
    package func answer(
        to question: Grpc_Reflection_V1_ServerReflectionRequest
    ) -> Grpc_Reflection_V1_ServerReflectionResponse {
        var answer = Grpc_Reflection_V1_ServerReflectionResponse()
        answer.validHost = question.host
        answer.originalRequest = question
        answer.messageResponse = messageResponse(to: question)
        return answer
    }

    private func messageResponse(
        to question: Grpc_Reflection_V1_ServerReflectionRequest
    ) -> Grpc_Reflection_V1_ServerReflectionResponse.OneOf_MessageResponse {
        let index = DescriptorIndex.contracts
        switch question.messageRequest {
        case .listServices:
            return .listServicesResponse(
                .with { $0.service = services.map { name in .with { $0.name = name } } })
        case .fileByFilename(let name):
            return response(index.files(named: name), orNotFound: "the file \(name)")
        case .fileContainingSymbol(let symbol):
            return response(
                index.files(containing: symbol), orNotFound: "the symbol \(symbol)")
        case .fileContainingExtension(let field):
            let key = DescriptorIndex.ExtensionField(
                containingType: field.containingType, number: field.extensionNumber)
            return response(
                index.files(declaring: key),
                orNotFound: "the extension \(field.extensionNumber) of \(field.containingType)")
        case .allExtensionNumbersOfType(let type):
            guard let numbers = index.extensionNumbers(of: type) else {
                return notFound("the type \(type)")
            }
            return .allExtensionNumbersResponse(
                .with {
                    $0.baseTypeName = type
                    $0.extensionNumber = numbers
                })
        case nil:
            return error(
                .invalidArgument,
                "cannot answer an empty reflection request; set one of its fields")
        }
    }

    private func response(
        _ descriptors: [[UInt8]]?, orNotFound subject: String
    ) -> Grpc_Reflection_V1_ServerReflectionResponse.OneOf_MessageResponse {
        guard let descriptors else { return notFound(subject) }
        return .fileDescriptorResponse(
            .with { $0.fileDescriptorProto = descriptors.map { Data($0) } })
    }

    private func notFound(
        _ subject: String
    ) -> Grpc_Reflection_V1_ServerReflectionResponse.OneOf_MessageResponse {
        error(
            .notFound,
            "cannot find \(subject): this server's contracts do not have it; list_services names "
                + "what it serves")
    }

    private func error(
        _ code: Status.Code, _ message: String
    ) -> Grpc_Reflection_V1_ServerReflectionResponse.OneOf_MessageResponse {
        .errorResponse(
            .with {
                $0.errorCode = Int32(code.rawValue)
                $0.errorMessage = message
            })
    }
}
