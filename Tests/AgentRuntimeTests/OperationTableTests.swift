import AgentAPI
import AgentRuntime
import Testing

struct OperationTableTests {
    private let table = OperationTable(
        agentID: "test",
        operations: [
            Operation("remember", aliases: ["store"], "Keeps.", arguments: []) { _, _ in
                OperationResult(summary: "", fields: [:])
            },
            Operation("recall", "Finds.", isStreaming: true, isReadOnly: true, arguments: []) {
                _, _ in
                OperationResult(summary: "", fields: [:])
            },
        ])

    @Test(arguments: ["remember", "store"])
    func operationsAreFoundByNameAndAlias(name: String) throws {
        #expect(try table.operation(named: name).name == "remember")
    }

    @Test(arguments: ["", "Remember", "forget"])
    func anUnknownOneIsUnimplementedAndTheOthersAreNamed(name: String) {
        let error = #expect(throws: OperationError.self) { _ = try table.operation(named: name) }
        #expect(error?.code == .unimplemented)
        #expect(error?.message.hasSuffix("it has remember, recall") == true)
    }

    @Test
    func theListingShowsAllThereIs() {
        let listing = table.listing
        #expect(listing.map(\.name) == ["remember", "recall"])
        #expect(listing[0].aliases == ["store"])
        #expect(listing.map(\.streaming) == [false, true])
        #expect(listing.map(\.readOnly) == [false, true])
        #expect(listing[0].argumentsSchemaJson.hasPrefix("{\"$schema\":"))
    }
}
