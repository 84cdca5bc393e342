import AgentAPI
import Testing

struct ReflectionServiceTests {
    private typealias Question = Grpc_Reflection_V1_ServerReflectionRequest.OneOf_MessageRequest

    private let service = ReflectionService(services: ["b.B", "a.A"])

    private func answer(_ question: Question?) -> Grpc_Reflection_V1_ServerReflectionResponse {
        var request = Grpc_Reflection_V1_ServerReflectionRequest()
        request.host = "here"
        request.messageRequest = question
        return service.answer(to: request)
    }

    @Test
    func onlyTheServicesOfThisServerAreListed() {
        let answer = answer(.listServices("*"))
        #expect(answer.listServicesResponse.service.map(\.name) == ["a.A", "b.B"])
        #expect(answer.validHost == "here")
        #expect(answer.originalRequest.listServices == "*")
    }

    @Test
    func aFileIsAnsweredByNameAndBySymbol() {
        let byName = answer(.fileByFilename("grpc/health/v1/health.proto"))
        let bySymbol = answer(.fileContainingSymbol("grpc.health.v1.Health"))
        #expect(!byName.fileDescriptorResponse.fileDescriptorProto.isEmpty)
        #expect(byName.fileDescriptorResponse == bySymbol.fileDescriptorResponse)
    }

    @Test
    func aTypeWithoutExtensionsHasNone() {
        let answer = answer(.allExtensionNumbersOfType("op.agents.v1.ExecuteRequest"))
        #expect(answer.allExtensionNumbersResponse.baseTypeName == "op.agents.v1.ExecuteRequest")
        #expect(answer.allExtensionNumbersResponse.extensionNumber.isEmpty)
    }

    @Test
    func whatIsNotThereIsAnErrorInsideTheAnswer() {
        var field = Grpc_Reflection_V1_ExtensionRequest()
        field.containingType = "x"
        let questions: [Question] = [
            .fileByFilename("x"), .fileContainingSymbol("x"), .allExtensionNumbersOfType("x"),
            .fileContainingExtension(field),
        ]
        #expect(questions.map { answer($0).errorResponse.errorCode } == [5, 5, 5, 5])
        #expect(answer(nil).errorResponse.errorCode == 3)
    }
}
