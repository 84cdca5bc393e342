internal import Synchronization

/// What inputs are given to.
enum FuzzTarget: String, CaseIterable {
    /// A server, as what a client sends.
    case server
    /// A client with calls under way, as what a server sends.
    case client
    /// The finding of messages in bytes, however these are cut.
    case messages
    /// Header fields and the encodings of their values, and gzip.
    case fields

    /// libFuzzer's callback takes no context.
    private static let selection = Mutex<FuzzTarget?>(nil)

    static var selected: Self? { selection.withLock { $0 } }

    func select() { Self.selection.withLock { $0 = self } }

    /// Takes one input; it does not return where the input breaks something.
    func run(_ input: UnsafeRawBufferPointer) {
        switch self {
        case .server: ServerUnderFuzz.shared.run(input)
        case .client: ClientUnderFuzz.shared.run(input)
        case .messages: MessagesUnderFuzz.run(input)
        case .fields: FieldsUnderFuzz.run(input)
        }
    }
}
