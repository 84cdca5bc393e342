public import Glibc

/// A system call that failed.
public struct SystemError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was tried, on what: `bind 127.0.0.1:50052`.
    public var operation: String
    /// The error number, as errno(3).
    public var code: CInt

    /// Creates an error.
    ///
    /// - Parameters:
    ///   - operation: What was tried, on what.
    ///   - code: The error number; by default the calling thread's `errno`.
    public init(_ operation: String, code: CInt = errno) {
        self.operation = operation
        self.code = code
    }

    /// One sentence that starts with "cannot".
    public var description: String {
        "cannot \(operation): \(String(cString: strerror(code)))"
    }
}
