/// Words as a POSIX shell reads them.
enum ShellWord {
    /// A word in single quotes, unless nothing in it has a meaning (POSIX XCU 2.2.2).
    ///
    /// - Parameter word: The word.
    /// - Returns: What a shell takes for that word.
    static func quoted(_ word: String) -> String {
        let isPlain = word.unicodeScalars.allSatisfy {
            $0.isASCII
                && ($0.properties.isAlphabetic
                    || "0123456789_-./:=@%+,".unicodeScalars.contains($0))
        }
        return isPlain && !word.isEmpty ? word : "'" + word.replacing("'", with: #"'\''"#) + "'"
    }
}
