import AgentAPI
import SwiftProtobuf
import Testing

struct DescriptorIndexTests {
    private func names(_ files: [[UInt8]]?) throws -> [String]? {
        try files?.map { try Google_Protobuf_FileDescriptorProto(serializedBytes: $0).name }
    }

    @Test(arguments: [
        "op.agents.v1.AgentService", "op.agents.v1.AgentService.Execute",
        "op.agents.v1.ExecuteRequest",
        "op.agents.v1.ExecuteRequest.session_id", "op.agents.v1.AgentState",
        // An enum's values are siblings of the enum.
        "op.agents.v1.AGENT_STATE_SERVING", "op.agents.v1.StartSessionRequest.MetadataEntry",
        "op.agents.v1.SessionRequest.message",
    ])
    func everySymbolLeadsToItsFile(symbol: String) throws {
        let files = try names(DescriptorIndex.contracts.files(containing: symbol))
        #expect(files?.first == "op/agents/v1/agent_service.proto")
    }

    @Test
    func aFileComesWithItsImports() throws {
        let files = try names(
            DescriptorIndex.contracts.files(named: "op/supervisor/v1/supervisor.proto"))
        #expect(
            files.map(Set.init) == [
                "op/supervisor/v1/supervisor.proto", "op/agents/v1/agent_service.proto",
                "google/protobuf/timestamp.proto",
            ])
        #expect(files?.first == "op/supervisor/v1/supervisor.proto")
    }

    @Test
    func whatIsNotThereIsNotFound() {
        #expect(DescriptorIndex.contracts.files(named: "nix.proto") == nil)
        #expect(DescriptorIndex.contracts.files(containing: "op.agents.v1") == nil)
        #expect(DescriptorIndex.contracts.extensionNumbers(of: "nix") == nil)
    }

    @Test
    func extensionsAreFoundByTypeAndNumber() throws {
        var file = Google_Protobuf_FileDescriptorProto()
        file.name = "x.proto"
        file.package = "x"
        var message = Google_Protobuf_DescriptorProto()
        message.name = "Base"
        file.messageType = [message]
        file.extension = [Int32(7), 3].map { number in
            var field = Google_Protobuf_FieldDescriptorProto()
            field.name = "f\(number)"
            field.number = number
            field.extendee = ".x.Base"
            return field
        }
        var set = Google_Protobuf_FileDescriptorSet()
        set.file = [file]
        let bytes: [UInt8] = try set.serializedBytes()
        let index = DescriptorIndex(descriptorSet: bytes)
        #expect(index.extensionNumbers(of: "x.Base") == [3, 7])
        let field = DescriptorIndex.ExtensionField(containingType: "x.Base", number: 7)
        #expect(try names(index.files(declaring: field)) == ["x.proto"])
        #expect(try names(index.files(containing: "x.f3")) == ["x.proto"])
    }

    @Test
    func aDamagedSetIsEmpty() {
        #expect(DescriptorIndex(descriptorSet: [0xff, 0xff]).files(named: "x.proto") == nil)
    }
}
