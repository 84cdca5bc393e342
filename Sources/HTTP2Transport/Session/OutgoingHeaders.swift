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

    mutating func add(_ name: StaticString, _ value: StaticString) {
        fields.append(Field(name: .fixed(name), value: .fixed(value)))
    }

    mutating func add(_ name: StaticString, _ value: String) {
        fields.append(Field(name: .fixed(name), value: store(value)))
    }

    mutating func add(_ name: String, _ value: String) {
        fields.append(Field(name: store(name), value: store(value)))
    }

    private mutating func store(_ text: String) -> Text {
        let offset = storage.count
        storage.append(contentsOf: text.utf8)
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
