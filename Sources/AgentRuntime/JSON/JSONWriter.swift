/// Writes JSON text (RFC 8259), without spaces.
///
/// Foundation's encoder takes six times as long for the small objects that results are.
struct JSONWriter {
    private var bytes: [UInt8] = []

    /// What was written.
    var text: String { String(decoding: bytes, as: UTF8.self) }

    mutating func write(_ value: JSONValue) {
        switch value {
        case .null: write("null")
        case .bool(let truth): write(truth ? "true" : "false")
        case .int(let number): write(String(number))
        case .double(let number): write(number)
        case .string(let text): writeString(text)
        case .array(let elements):
            var separator = "["
            for element in elements {
                write(separator)
                write(element)
                separator = ","
            }
            write(elements.isEmpty ? "[]" : "]")
        case .object(let members):
            var separator = "{"
            for (key, value) in members.sorted(by: { $0.key < $1.key }) {
                write(separator)
                writeString(key)
                write(":")
                write(value)
                separator = ","
            }
            write(members.isEmpty ? "{}" : "}")
        }
    }

    /// Text that needs no escapes.
    private mutating func write(_ text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    private mutating func write(_ number: Double) {
        if let whole = Int64(exactly: number), whole.magnitude < 1 << 53 {
            write(String(whole))
        } else if number.isFinite {
            write(number.description)
        } else {
            writeString(number.isNaN ? "NaN" : number < 0 ? "-Infinity" : "Infinity")
        }
    }

    private mutating func writeString(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        if text.utf8.contains(where: Self.needsEscape) {
            for byte in text.utf8 { writeEscaped(byte) }
        } else {
            bytes.append(contentsOf: text.utf8)
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func writeEscaped(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): write("\\\"")
        case UInt8(ascii: "\\"): write("\\\\")
        case UInt8(ascii: "\n"): write("\\n")
        case UInt8(ascii: "\r"): write("\\r")
        case UInt8(ascii: "\t"): write("\\t")
        case 0..<0x10: write("\\u000" + String(byte, radix: 16))
        case 0x10..<0x20: write("\\u00" + String(byte, radix: 16))
        default: bytes.append(byte)
        }
    }
}
