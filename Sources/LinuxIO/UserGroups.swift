private import Glibc

/// The groups of users, as the system's database knows them (nsswitch.conf(5)).
package enum UserGroups {
    /// The primary group of a user and those that list it as a member (getgrouplist(3)).
    ///
    /// Blocks for as long as the database takes, which is a while where it is in a network: not for a loop.
    ///
    /// - Parameter id: The user.
    /// - Returns: None for a user that the database does not know.
    /// - Throws: ``SystemError`` where the database cannot be read.
    package static func ids(ofUser id: UInt32) throws(SystemError) -> Set<UInt32> {
        var size = 1 << 10
        while true {
            let (groups, code) = groups(ofUser: id, roomForRecord: size)
            if code == 0 { return groups }
            guard code == ERANGE, size < 1 << 20 else {
                throw SystemError("look up the groups of user \(id)", code: code)
            }
            size *= 4
        }
    }

    private static func groups(
        ofUser id: UInt32, roomForRecord size: Int
    ) -> (Set<UInt32>, code: CInt) {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: size) { buffer in
            var record = passwd()
            var found: UnsafeMutablePointer<passwd>?
            guard let base = buffer.baseAddress else { return ([], ERANGE) }
            let code = getpwuid_r(id, &record, base, buffer.count, &found)
            guard code == 0, found != nil, let name = record.pw_name else {
                // What there is no user of, some databases say with an error (getpwnam_r(3)).
                let isUnknown = [ENOENT, ESRCH].contains(code)
                return ([], isUnknown ? 0 : code)
            }
            return (groups(ofUserNamed: name, primary: record.pw_gid), 0)
        }
    }

    private static func groups(
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
}
