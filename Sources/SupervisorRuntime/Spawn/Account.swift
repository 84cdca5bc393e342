package import Glibc

/// The names of users and groups, for messages to people.
package enum Account {
    /// A user's name, or the number where there is none.
    package static func name(ofUser id: uid_t) -> String {
        withBuffer { buffer, size in
            var record = passwd()
            var found: UnsafeMutablePointer<passwd>?
            getpwuid_r(id, &record, buffer, size, &found)
            return found.map { String(cString: $0.pointee.pw_name) }
        } ?? String(id)
    }

    /// A group's name, or the number where there is none.
    package static func name(ofGroup id: gid_t) -> String {
        withBuffer { buffer, size in
            var record = group()
            var found: UnsafeMutablePointer<group>?
            getgrgid_r(id, &record, buffer, size, &found)
            return found.map { String(cString: $0.pointee.gr_name) }
        } ?? String(id)
    }

    /// Lends room for the strings of one record; a group whose members do not fit stays a number.
    private static func withBuffer(
        _ body: (UnsafeMutablePointer<CChar>, Int) -> String?
    ) -> String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64 * 1024) { buffer in
            buffer.baseAddress.flatMap { body($0, buffer.count) }
        }
    }
}
