/// Text made of bytes that may not be UTF-8: each ill-formed sequence becomes U+FFFD, and it is said.
package struct LossyUTF8: Sendable, Hashable {
    /// The text.
    package let text: String
    /// Whether some bytes were replaced.
    package let hasReplacements: Bool

    /// Decodes bytes.
    ///
    /// - Parameter bytes: Usually a line of a program's output.
    package init(_ bytes: some Collection<UInt8>) {
        if let text = String(validating: bytes, as: UTF8.self) {
            self.text = text
            hasReplacements = false
        } else {
            text = String(decoding: bytes, as: UTF8.self)
            hasReplacements = true
        }
    }
}
