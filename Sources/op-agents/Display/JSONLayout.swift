/// Lays out a JSON text for a person, touching neither its numbers nor the order of its keys.
struct JSONLayout {
    private static let indentation = "  "

    private var output = ""
    private var depth = 0
    private var isInString = false
    private var isEscaped = false
    /// An opening bracket after which nothing has come yet.
    private var isJustOpened = false

    /// Breaks a JSON text into indented lines.
    ///
    /// - Parameter text: The text. What is not JSON comes out with its characters in their order.
    /// - Returns: The lines, without a line ending after the last.
    static func indent(_ text: String) -> String {
        var layout = JSONLayout()
        for scalar in text.unicodeScalars { layout.take(scalar) }
        return layout.output
    }

    private mutating func take(_ scalar: Unicode.Scalar) {
        if isInString {
            output.unicodeScalars.append(scalar)
            if isEscaped {
                isEscaped = false
            } else if scalar == "\\" {
                isEscaped = true
            } else if scalar == "\"" {
                isInString = false
            }
            return
        }
        switch scalar {
        case " ", "\t", "\n", "\r":
            return
        case "}", "]":
            depth = max(0, depth - 1)
            if !isJustOpened { breakLine() }
            isJustOpened = false
            output.unicodeScalars.append(scalar)
        default:
            if isJustOpened { breakLine() }
            isJustOpened = false
            output.unicodeScalars.append(scalar)
            switch scalar {
            case "{", "[":
                depth += 1
                isJustOpened = true
            case ",": breakLine()
            case ":": output += " "
            case "\"": isInString = true
            default: break
            }
        }
    }

    private mutating func breakLine() {
        output += "\n" + String(repeating: Self.indentation, count: depth)
    }
}
