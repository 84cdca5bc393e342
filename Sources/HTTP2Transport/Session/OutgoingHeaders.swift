/// The header fields of one HEADERS frame, in their order, pseudo-headers first.
struct OutgoingHeaders: Sendable {
    /// Fixed texts live in the program's image; the others share one buffer, so that a block of headers
    /// costs one allocation.
    enum Text: Sendable {
        case fixed(StaticString)
        case stored(offset: Int, count: Int)
    }

    struct Field: Sendable {
        var name: Text
        var value: Text
    }

    private(set) var fields: [Field] = []
    private(set) var storage: [UInt8] = []

    /// - Parameters:
    ///   - fieldCapacity: Fields that it has room for at first.
    ///   - storageCapacity: Bytes of texts that are not fixed that it has room for at first.
    init(fieldCapacity: Int = 0, storageCapacity: Int = 0) {
        fields.reserveCapacity(fieldCapacity)
        storage.reserveCapacity(storageCapacity)
    }

    // Names of their own: a literal would rather be a `String` than what another overload wants, and be copied.

    /// Adds a field that is the same in every block.
    mutating func addFixed(_ name: StaticString, _ value: StaticString) {
        fields.append(Field(name: .fixed(name), value: .fixed(value)))
    }

    /// Adds a field with a name that is the same in every block.
    mutating func addNamed(_ name: StaticString, _ value: String) {
        fields.append(Field(name: .fixed(name), value: store(value)))
    }

    /// Adds a field.
    mutating func add(_ name: String, _ value: String) {
        fields.append(Field(name: store(name), value: store(value)))
    }

    /// Adds `:path` as "/service/method".
    mutating func addPath(service: String, method: String) {
        let offset = storage.count
        storage.append(UInt8(ascii: "/"))
        _ = store(service)
        storage.append(UInt8(ascii: "/"))
        _ = store(method)
        fields.append(
            Field(
                name: .fixed(":path"),
                value: .stored(offset: offset, count: storage.count - offset)))
    }

    private mutating func store(_ text: String) -> Text {
        let offset = storage.count
        // Several times as fast as to append a `UTF8View`.
        var text = text
        text.withUTF8 { storage.append(contentsOf: $0) }
        return .stored(offset: offset, count: storage.count - offset)
    }
}

extension OutgoingHeaders {
    /// The fields as pairs of strings, for comparison and display.
    var pairs: [(name: String, value: String)] {
        fields.map { (text($0.name), text($0.value)) }
    }

    private func text(_ text: Text) -> String {
        switch text {
        case .fixed(let fixed): fixed.description
        case .stored(let offset, let count):
            String(decoding: storage[offset..<offset + count], as: UTF8.self)
        }
    }
}
