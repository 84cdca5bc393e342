import Glibc
import LinuxIO
import Testing

struct AccountDatabaseTests {
    @Test(arguments: [("root", 0), ("0", 0), ("4000001", 4_000_001), ("nobody-of-that-name", nil)])
    func aUserHasANameOrANumber(text: String, id: UInt32?) throws {
        #expect(try AccountDatabase.userID(of: text) == id)
    }

    @Test(arguments: [("root", 0), ("0", 0), ("4000001", 4_000_001), ("nobody-of-that-name", nil)])
    func aGroupHasANameOrANumber(text: String, id: UInt32?) throws {
        #expect(try AccountDatabase.groupID(of: text) == id)
    }

    @Test(arguments: ["4294967295", "4294967296", "-1", "+1", " 1", ""])
    func aNumberThatIsNoUsersIsNone(text: String) throws {
        #expect(try AccountDatabase.userID(of: text) == nil)
    }

    @Test func theOwnUsersPrimaryGroupIsAmongThem() throws {
        let record = try #require(getpwuid(geteuid()))
        let groups = try AccountDatabase.groupIDs(ofUser: geteuid())
        #expect(groups.contains(record.pointee.pw_gid))
    }

    @Test func groupsThatListTheUserAreAmongThem() throws {
        // Whatever group of this machine lists a member that is a user.
        setgrent()
        defer { endgrent() }
        while let group = getgrent() {
            guard let member = group.pointee.gr_mem?.pointee, let user = getpwnam(member) else {
                continue
            }
            let (id, userID) = (group.pointee.gr_gid, user.pointee.pw_uid)
            #expect(try AccountDatabase.groupIDs(ofUser: userID).contains(id))
            return
        }
    }

    @Test func aUserWhomNobodyKnowsHasNone() throws {
        #expect(try AccountDatabase.groupIDs(ofUser: 3_999_999_999).isEmpty)
    }
}
