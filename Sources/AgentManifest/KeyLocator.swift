/// Finds the lines of keys in a TOML document, which the parser does not keep.
///
/// It scans text that the parser has accepted: table headers, keys (bare, quoted, dotted) and the
/// extent of values, so that a key-like line inside a multi-line string is not taken for one.
/// Entries of an inline table or an array have the line of the key that holds them.
struct KeyLocator {
    private var lines: [[String]: Int] = [:]

    /// Scans a document.
    init(_ text: String) {
        var scanner = Scanner(text)
        var table: [String] = []
        while scanner.skipToStatement() {
            let line = scanner.line
            if scanner.skip("[") {
                let isArray = scanner.skip("[")
                table = scanner.keyPath()
                _ = scanner.skip("]") && isArray && scanner.skip("]")
                note(table, at: line)
            } else {
                note(table + scanner.keyPath(), at: line)
                if scanner.skip("=") { scanner.skipValue() }
            }
            scanner.skipRestOfLine()
        }
    }

    /// The line of a key, from 1, or of the closest table or key that holds it.
    func line(of path: [String]) -> Int? {
        for length in stride(from: path.count, to: 0, by: -1) {
            if let line = lines[Array(path.prefix(length))] { return line }
        }
        return nil
    }

    private mutating func note(_ path: [String], at line: Int) {
        // The first mention counts, and `[a.b]` mentions `a` where nothing else did.
        for length in 1...max(1, path.count) {
            let prefix = Array(path.prefix(length))
            if lines[prefix] == nil { lines[prefix] = line }
        }
    }
}

extension KeyLocator {
    /// A cursor over the bytes of a document.
    private struct Scanner {
        private let bytes: [UInt8]
        private var index = 0
        private(set) var line = 1

        init(_ text: String) { bytes = Array(text.utf8) }

        private var current: UInt8? { index < bytes.count ? bytes[index] : nil }

        private mutating func advance() {
            guard let byte = current else { return }
            if byte == UInt8(ascii: "\n") { line += 1 }
            index += 1
        }

        private mutating func advance(by count: Int) {
            for _ in 0..<count { advance() }
        }

        private mutating func skipBlanks() {
            while let byte = current, byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") {
                advance()
            }
        }

        /// Goes to the next header or key; `false` at the end of the document.
        mutating func skipToStatement() -> Bool {
            while let byte = current {
                switch byte {
                case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"):
                    advance()
                case UInt8(ascii: "#"):
                    skipRestOfLine()
                default:
                    return true
                }
            }
            return false
        }

        mutating func skipRestOfLine() {
            while let byte = current, byte != UInt8(ascii: "\n") { advance() }
        }

        /// Goes past one character if it comes next, blanks aside.
        mutating func skip(_ character: Unicode.Scalar) -> Bool {
            skipBlanks()
            guard current == UInt8(ascii: character) else { return false }
            advance()
            return true
        }

        /// Reads `a."b c".d`.
        mutating func keyPath() -> [String] {
            var path: [String] = []
            repeat {
                skipBlanks()
                path.append(keyPart())
            } while skip(".")
            return path
        }

        private mutating func keyPart() -> String {
            if let quote = current, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
                let start = index + 1
                skipString()
                return String(decoding: bytes[start..<max(start, index - 1)], as: UTF8.self)
            }
            let start = index
            while let byte = current, !" \t\r\n.=]#".utf8.contains(byte) { advance() }
            return String(decoding: bytes[start..<index], as: UTF8.self)
        }

        /// Goes past a value, over as many lines as its brackets and strings take.
        mutating func skipValue() {
            var depth = 0
            while let byte = current {
                switch byte {
                case UInt8(ascii: "\""), UInt8(ascii: "'"):
                    skipString()
                case UInt8(ascii: "["), UInt8(ascii: "{"):
                    depth += 1
                    advance()
                case UInt8(ascii: "]"), UInt8(ascii: "}"):
                    depth -= 1
                    advance()
                case UInt8(ascii: "#"):
                    skipRestOfLine()
                case UInt8(ascii: "\n") where depth <= 0:
                    return
                default:
                    advance()
                }
            }
        }

        /// Goes past a string of any of TOML's four kinds.
        private mutating func skipString() {
            guard let quote = current else { return }
            let escapes = quote == UInt8(ascii: "\"")
            if bytes[index...].starts(with: [quote, quote, quote]) {
                advance(by: 3)
                while index < bytes.count, !bytes[index...].starts(with: [quote, quote, quote]) {
                    if escapes, current == UInt8(ascii: "\\") { advance() }
                    advance()
                }
                advance(by: 3)
                // Up to two quotes may stand right before the closing three.
                while current == quote { advance() }
                return
            }
            advance()
            while let byte = current, byte != quote, byte != UInt8(ascii: "\n") {
                if escapes, byte == UInt8(ascii: "\\") { advance() }
                advance()
            }
            advance()
        }
    }
}
