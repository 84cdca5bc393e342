/// `transport-peer call`: runs one case as a client.
///
/// It ends with status 1, and a sentence on the standard error, where something differs from what the
/// case's description says.
struct CallCommand {
    private let name: InteropCase
    private let connection: Connection

    init(_ arguments: some Collection<String>) throws(UsageError) {
        let words = Array(arguments.prefix(2))
        guard words.count == 2 else { throw UsageError(reason: "call needs a case and an address") }
        guard let name = InteropCase(rawValue: words[0]) else {
            let known = InteropCase.allCases.map(\.rawValue).joined(separator: ", ")
            throw UsageError(reason: "there is no case \(words[0]); there are \(known)")
        }
        self.name = name
        var options = try Options(arguments.dropFirst(2))
        connection = try Connection(to: words[1], taking: &options)
        try options.end()
    }

    func run() async throws {
        try await connection.withClient { try await $0.run(name) }
    }
}
