import Foundation
import Testing

@testable import SupervisorRuntime

@Suite(.timeLimit(.minutes(1)))
struct PathObstacleTests {
    private let directory: ScratchDirectory

    init() throws {
        directory = try ScratchDirectory()
    }

    @Test func findsNothingWhereNothingIs() throws {
        let program = try directory.file("program", [], mode: 0o755)
        #expect(PathObstacle.find(on: program, for: .execution) == nil)
        #expect(PathObstacle.find(on: "/", for: .entering) == nil)
        #expect(PathObstacle.find(on: directory.path, for: .entering) == nil)
    }

    @Test func namesTheFirstPartThatIsMissing() {
        let missing = "\(directory.path)/bin"
        #expect(
            PathObstacle.find(on: "\(missing)/deeper/program", for: .execution)?.reason
                == "the directory \(missing) does not exist")
        #expect(
            PathObstacle.find(on: missing, for: .execution)?.reason == "it does not exist")
    }

    @Test func namesWhatADanglingLinkPointsTo() throws {
        let link = "\(directory.path)/link"
        try FileManager.default.createSymbolicLink(
            atPath: link, withDestinationPath: "/nowhere/program")
        #expect(
            PathObstacle.find(on: link, for: .execution)?.reason
                == "it is a symbolic link to /nowhere/program, which does not exist")
        let circle = "\(directory.path)/circle"
        try FileManager.default.createSymbolicLink(
            atPath: circle, withDestinationPath: circle)
        #expect(
            PathObstacle.find(on: circle, for: .execution)?.reason
                == "it is a symbolic link in a circle")
    }

    @Test func saysTheModeAndTheOwner() throws {
        let program = try directory.file("program", [], mode: 0o640)
        let owner = "\(Account.name(ofUser: getuid())):\(Account.name(ofGroup: getgid()))"
        let obstacle = try #require(PathObstacle.find(on: program, for: .execution))
        #expect(obstacle.reason.hasSuffix("may not execute it (mode 0640, owner \(owner))"))
        #expect(obstacle.remedy == "run chmod a+x \(program)")
    }

    @Test func knowsWhatIsNoFileAndNoDirectory() throws {
        let program = try directory.file("program", [], mode: 0o755)
        #expect(
            PathObstacle.find(on: directory.path, for: .execution)?.reason
                == "it is not a file but a directory")
        #expect(
            PathObstacle.find(on: "\(program)/more", for: .execution)?.reason
                == "\(program) is not a directory")
    }

    /// In a process of its own, which may become somebody who is not root.
    @Test func saysWhichDirectoryIsClosed() async {
        await #expect(processExitsWith: .success) {
            let directory = try ScratchDirectory()
            _ = try directory.file("program", [], mode: 0o755)
            #expect(chmod(directory.path, 0o600) == 0)
            if geteuid() == 0 { #expect(seteuid(65_534) == 0) }
            let reason = PathObstacle.find(on: "\(directory.path)/program", for: .execution)?.reason
            #expect(reason?.contains("may not search the directory \(directory.path)") == true)
            #expect(seteuid(getuid()) == 0)
            #expect(chmod(directory.path, 0o700) == 0)
        }
    }
}
