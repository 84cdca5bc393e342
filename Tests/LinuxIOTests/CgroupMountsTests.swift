import Testing

@testable import LinuxIO

struct CgroupMountsTests {
    private static let unified = """
        24 1 0:22 / /proc rw,nosuid shared:2 - proc proc rw
        31 24 0:29 / /sys/fs/cgroup rw,nosuid,nodev shared:6 - cgroup2 cgroup2 rw,nsdelegate
        """
    private static let hybrid = """
        82 81 0:51 / /sys/fs/cgroup ro,nosuid shared:14 - tmpfs cg ro,size=4096k
        83 82 0:38 / /sys/fs/cgroup/unified rw,nosuid shared:15 - cgroup2 cgroup2 rw
        88 82 0:33 / /sys/fs/cgroup/devices rw,nosuid shared:20 - cgroup cgroup rw,devices
        """
    private static let partOfIt = """
        40 24 0:29 /machine.slice/one /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw
        """
    private static let withBlanks = #"40 24 0:29 / /mnt/a\040b\134c rw - cgroup2 cgroup2 rw"#

    @Test(arguments: [
        ("0::/system.slice/op.service\n", unified, "/sys/fs/cgroup/system.slice/op.service"),
        ("0::/\n", unified, "/sys/fs/cgroup"),
        ("8:pids:/x\n1:cpu:/\n0::/op\n", hybrid, "/sys/fs/cgroup/unified/op"),
        ("0::/machine.slice/one/op\n", partOfIt, "/sys/fs/cgroup/op"),
        ("0::/machine.slice/one\n", partOfIt, "/sys/fs/cgroup"),
        ("0::/op\n", withBlanks, "/mnt/a b\\c/op"),
    ])
    func theDirectoryIsFound(membership: String, mounts: String, directory: String) {
        #expect(CgroupMounts.directory(membership: membership, mounts: mounts) == directory)
    }

    @Test(arguments: [
        ("", unified), ("0::/op\n", ""), ("8:pids:/x\n", hybrid), ("0::/../op\n", unified),
        ("0::/machine.slice/other\n", partOfIt), ("0::/machine.slice/one2\n", partOfIt),
        ("0::/op\n", "31 24 0:29 / /sys/fs/cgroup rw shared:6 -\n- - - -\n"),
    ])
    func whatNoMountShowsHasNone(membership: String, mounts: String) {
        #expect(CgroupMounts.directory(membership: membership, mounts: mounts) == nil)
    }
}
