import Glibc
import LinuxIO
import Testing

struct OwnedDescriptorBeneathTests {
    @Test func fileBelowADirectoryIsMadeAndOpened() throws {
        let directory = try TemporaryDirectory()
        let root = try openDirectory(directory.path)
        #expect(mkdirat(root.rawValue, "inner", 0o700) == 0)
        let made = try OwnedDescriptor.open(
            "inner/../file", beneath: root, flags: O_CREAT | O_WRONLY, mode: 0o600)
        #expect(fcntl(made.rawValue, F_GETFD) & FD_CLOEXEC != 0)
        var status = stat()
        #expect(lstat("\(directory.path)/file", &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
    }

    @Test(arguments: [
        "..", "inner/../..", "/etc", "absolute/passwd", "relative", "inner/../relative",
    ])
    func nothingLeadsOutOfADirectory(path: String) throws {
        let directory = try TemporaryDirectory()
        let root = try openDirectory(directory.path)
        #expect(mkdirat(root.rawValue, "inner", 0o700) == 0)
        #expect(symlinkat("/etc", root.rawValue, "absolute") == 0)
        #expect(symlinkat("../..", root.rawValue, "relative") == 0)
        #expect(throws: SystemError("open \(path)", code: EXDEV)) {
            _ = try OwnedDescriptor.open(path, beneath: root, flags: O_RDONLY)
        }
    }

    @Test func missingFileIsAnError() throws {
        let directory = try TemporaryDirectory()
        let root = try openDirectory(directory.path)
        #expect(throws: SystemError("open none", code: ENOENT)) {
            _ = try OwnedDescriptor.open("none", beneath: root, flags: O_RDONLY)
        }
    }

    private func openDirectory(_ path: String) throws -> OwnedDescriptor {
        try OwnedDescriptor(owning: open(path, O_DIRECTORY | O_CLOEXEC), from: "open \(path)")
    }
}
