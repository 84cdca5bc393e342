private import Glibc

/// The users and groups of the system (nsswitch.conf(5)).
///
/// Everything here blocks for as long as the database takes, which is a while where it is in a network: not for a
/// loop.
package enum AccountDatabase {
    /// The number of a user.
    ///
    /// - Parameter text: Its name, or its number, which need not be known to the database.
    /// - Returns: Nil where there is no user of that name.
    /// - Throws: ``SystemError`` where the database cannot be read.
    package static func userID(of text: String) throws(SystemError) -> UInt32? {
        if let number = number(text) { return number }
        return try withRoom(to: "look up the user \(text)") { buffer, size in
            var record = passwd()
            var found: UnsafeMutablePointer<passwd>?
            let code = getpwnam_r(text, &record, buffer, size, &found)
            return (found == nil ? nil : record.pw_uid, code)
        }
    }

    /// The number of a group.
    ///
    /// - Parameter text: Its name, or its number, which need not be known to the database.
    /// - Returns: Nil where there is no group of that name.
    /// - Throws: ``SystemError`` where the database cannot be read.
    package static func groupID(of text: String) throws(SystemError) -> UInt32? {
        if let number = number(text) { return number }
        return try withRoom(to: "look up the group \(text)") { buffer, size in
            var record = group()
            var found: UnsafeMutablePointer<group>?
            let code = getgrnam_r(text, &record, buffer, size, &found)
            return (found == nil ? nil : record.gr_gid, code)
        }
    }

    /// The primary group of a user and those that list it as a member (getgrouplist(3)).
    ///
    /// - Parameter id: The user.
    /// - Returns: None for a user that the database does not know.
    /// - Throws: ``SystemError`` where the database cannot be read.
    package static func groupIDs(ofUser id: UInt32) throws(SystemError) -> Set<UInt32> {
        let groups = try withRoom(to: "look up the groups of user \(id)") { buffer, size in
            var record = passwd()
            var found: UnsafeMutablePointer<passwd>?
            let code = getpwuid_r(id, &record, buffer, size, &found)
            guard found != nil, let name = record.pw_name else { return (Set<UInt32>?.none, code) }
            return (groupIDs(ofUserNamed: name, primary: record.pw_gid), code)
        }
        return groups ?? []
    }

    private static func groupIDs(
        ofUserNamed name: UnsafePointer<CChar>, primary: gid_t
    ) -> Set<UInt32> {
        var count: CInt = 64
        while true {
            var groups = [gid_t](repeating: 0, count: Int(count))
            let capacity = count
            let result = getgrouplist(name, primary, &groups, &count)
            // No process has more than 65536 (NGROUPS_MAX).
            if result >= 0 || capacity >= 1 << 16 {
                return Set(groups.prefix(Int(min(count, capacity))))
            }
            // It says how many there are, but may say so wrongly while the database changes.
            count = max(count, capacity * 2)
        }
    }

    /// The number that a text is; nil where it is a name.
    private static func number(_ text: String) -> UInt32? {
        guard text.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) else { return nil }
        // The last one means "none" to chown(2) and others.
        return UInt32(text).flatMap { $0 == .max ? nil : $0 }
    }

    /// Lends room for the strings of one record, and more where that was too little.
    private static func withRoom<Found>(
        to operation: @autoclosure () -> String,
        _ body: (UnsafeMutablePointer<CChar>, Int) -> (Found?, code: CInt)
    ) throws(SystemError) -> Found? {
        var size = 1 << 10
        while true {
            let (found, code) = withUnsafeTemporaryAllocation(of: CChar.self, capacity: size) {
                buffer in
                buffer.baseAddress.map { body($0, size) } ?? (nil, ERANGE)
            }
            switch code {
            // That there is no such record, some databases say with an error (getpwnam_r(3)).
            case 0, ENOENT, ESRCH: return found
            case ERANGE where size < 16 << 20: size *= 4
            default: throw SystemError(operation(), code: code)
            }
        }
    }
}
