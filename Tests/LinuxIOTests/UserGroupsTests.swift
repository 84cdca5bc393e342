import Glibc
import LinuxIO
import Testing

struct UserGroupsTests {
    @Test func theOwnUsersPrimaryGroupIsAmongThem() throws {
        let record = try #require(getpwuid(geteuid()))
        let groups = try UserGroups.ids(ofUser: geteuid())
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
            #expect(try UserGroups.ids(ofUser: userID).contains(id))
            return
        }
    }

    @Test func aUserWhomNobodyKnowsHasNone() throws {
        #expect(try UserGroups.ids(ofUser: 3_999_999_999).isEmpty)
    }
}
