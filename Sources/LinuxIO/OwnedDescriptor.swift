private import Glibc

/// A file descriptor with one owner, closed when the owner is done with it.
package struct OwnedDescriptor: ~Copyable, Sendable {
    /// The number, for calls while this value lives.
    package let rawValue: CInt

    /// Takes ownership.
    ///
    /// - Parameter rawValue: An open descriptor that nobody else closes.
    package init(owning rawValue: CInt) {
        precondition(rawValue >= 0, "only an open descriptor can be owned")
        self.rawValue = rawValue
    }

    /// Takes ownership of what a call returned.
    ///
    /// - Parameters:
    ///   - result: A descriptor, or a negative number with `errno` set.
    ///   - operation: What was tried, for the error.
    /// - Throws: ``SystemError`` where the call failed.
    package init(
        owning result: CInt, from operation: @autoclosure () -> String
    ) throws(SystemError) {
        guard result >= 0 else { throw SystemError(operation()) }
        rawValue = result
    }

    deinit {
        close(rawValue)
    }

    /// Gives up ownership.
    ///
    /// - Returns: The descriptor, which the caller closes from now on.
    package consuming func release() -> CInt {
        let descriptor = rawValue
        discard self
        return descriptor
    }
}
