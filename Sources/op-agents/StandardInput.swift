import Glibc

/// What is piped into the program.
enum StandardInput {
    /// The most that an operation's arguments may hold, and a byte to see that there is more.
    private static let limit = 4 << 20

    /// Reads everything until the end of file.
    ///
    /// - Returns: The text.
    /// - Throws: ``CommandFailure`` where it cannot be read, is larger than 4 MiB, or is not UTF-8.
    static func text() throws(CommandFailure) -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = read(STDIN_FILENO, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw failure(String(cString: strerror(errno)))
            }
            if count == 0 { break }
            bytes += buffer[..<count]
            guard bytes.count <= limit else {
                throw failure("it is larger than 4 MiB; send less")
            }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw failure("it is not UTF-8; convert it")
        }
        return text
    }

    private static func failure(_ reason: String) -> CommandFailure {
        CommandFailure(status: .usage, message: "cannot read standard input: \(reason)")
    }
}
