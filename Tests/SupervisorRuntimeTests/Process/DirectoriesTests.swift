import FoundationEssentials
import LinuxIO
import Testing

@testable import SupervisorRuntime

struct DirectoriesTests {
    private let scratch: ScratchDirectory

    init() throws { scratch = try ScratchDirectory() }

    private func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return try #require(attributes[.posixPermissions] as? Int)
    }

    @Test func aDirectoryIsMadeWithAllAboveItAndClosedToOthers() throws {
        let path = scratch.path + "/a/b/c"
        try PrivateDirectory.make(path)
        #expect(try mode(path) == 0o700)
        try PrivateDirectory.make(path)
    }

    @Test func anOpenDirectoryIsClosed() throws {
        let path = scratch.path + "/open"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o755])
        try PrivateDirectory.make(path)
        #expect(try mode(path) == 0o700)
    }

    @Test func aLinkIsRefused() throws {
        let path = scratch.path + "/link"
        try FileManager.default.createSymbolicLink(
            atPath: path, withDestinationPath: scratch.path)
        #expect(throws: SystemError.self) { try PrivateDirectory.make(path) }
    }

    @Test func aSecondLockNamesTheFirstOnesProcess() throws {
        let first = try DirectoryLock(scratch.path, key: "supervisor.state_dir")
        let error = #expect(throws: SupervisorStartError.self) {
            try DirectoryLock(scratch.path, key: "supervisor.state_dir")
        }
        let problem = try #require(error?.problems.first)
        #expect(problem.contains("(pid \(ProcessInfo.processInfo.processIdentifier))"))
        #expect(problem.contains("supervisor.state_dir"))
        withExtendedLifetime(first) {}
    }

    @Test func aLockIsLetGoWithItsOwner() throws {
        do { _ = try DirectoryLock(scratch.path, key: "k") }
        _ = try DirectoryLock(scratch.path, key: "k")
    }
}
