import AgentRuntime
import Glibc
import LinuxIO
import Testing

struct PathConfinementTests {
    private let directory: TemporaryDirectory
    private let confinement: PathConfinement

    /// root/ is allowed, its neighbours root2/ and outside/ are not.
    init() throws {
        directory = try TemporaryDirectory()
        for name in ["root/project/src", "root2", "outside"] { try directory.makeDirectory(name) }
        try directory.write("inside", to: "root/project/file")
        try directory.write("secret", to: "outside/secret")
        try directory.write("secret", to: "root2/secret")
        try directory.link("root/relative", to: "project/file")
        try directory.link("root/absolute", to: "\(directory.path)/root/project/file")
        try directory.link("root/roundabout", to: "../root/project")
        try directory.link("root/escape", to: "../outside")
        try directory.link("root/absolute-escape", to: "\(directory.path)/outside/secret")
        try directory.link("root/loop", to: "loop")
        try directory.link("entrance", to: "root/project")
        confinement = PathConfinement(
            roots: ["\(directory.path)/root", "\(directory.path)/none"],
            base: "\(directory.path)/root/project", home: "\(directory.path)/root")
    }

    private func path(_ path: String) -> String {
        path.replacing("$T", with: directory.path)
    }

    @Test(arguments: [
        ("$T/root/project/file", "$T/root/project/file"), ("file", "$T/root/project/file"),
        ("./src/../file", "$T/root/project/file"), (".", "$T/root/project"), ("..", "$T/root"),
        ("~", "$T/root"), ("~/project", "$T/root/project"), ("$T/root", "$T/root"),
        ("$T/root/", "$T/root"),
        ("$T//root//project/./file", "$T/root/project/file"),
        ("~/relative", "$T/root/project/file"),
        ("~/absolute", "$T/root/project/file"), ("~/roundabout/file", "$T/root/project/file"),
        ("$T/entrance/file", "$T/root/project/file"),
        ("$T/outside/../root/project", "$T/root/project"),
    ])
    func whatEndsWithinARootIsItsRealPath(given: String, real: String) throws {
        #expect(try confinement.resolve(path(given)) == path(real))
    }

    @Test(arguments: [
        "$T/root", "new", "new/target", "~/roundabout/file", "src/../new/.", "file/new",
    ])
    func aPlaceMayYetHaveToBeMade(given: String) throws {
        try confinement.checkPlace(path(given))
    }

    @Test(arguments: [
        "$T/outside/new", "$T/root2/new", "../../new", "~/escape/new", "~/escape/new/a", "/new",
        "new/../../../outside", "new/..", "~/absolute-escape", "~/roundabout/new",
    ])
    func noPlaceIsMadeOutside(given: String) {
        let error = #expect(throws: OperationError.self) {
            try confinement.checkPlace(path(given))
        }
        #expect(error?.code == .permissionDenied, "\(error?.message ?? "")")
    }

    @Test(arguments: [
        "$T/outside/secret", "$T/outside", "$T", "/", "/etc/passwd", "$T/root2/secret", "$T/root2",
        "../../outside/secret", "~/escape/secret", "~/escape", "~/absolute-escape",
        "~/../outside/secret",
        "$T/root/../outside/secret", "/proc/self/root/etc/passwd", "/proc/self/cwd", "$T/none/file",
        "$T/outside/missing", "/missing",
    ])
    func nothingGetsOut(given: String) {
        let error = #expect(throws: OperationError.self) { try confinement.resolve(path(given)) }
        #expect(error?.code == .permissionDenied, "\(error?.message ?? "")")
    }

    @Test(
        arguments: [
            ("~/missing", .notFound), ("file/x", .notFound), ("", .invalidArgument),
            ("a\0b", .invalidArgument),
            ("~/loop", .invalidArgument), (String(repeating: "x", count: 300), .invalidArgument),
        ] as [(String, OperationError.Code)])
    func whatIsWrongIsSaid(given: String, code: OperationError.Code) {
        let error = #expect(throws: OperationError.self) { try confinement.resolve(given) }
        #expect(error?.code == code, "\(error?.message ?? "")")
    }

    @Test
    func filesAreOpenedAndCreatedWithinTheRoots() throws {
        let created = try confinement.open("new", flags: O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
        #expect(write(created.rawValue, "x", 1) == 1)
        #expect(try directory.names(in: "root/project").contains("new"))
        let error = #expect(throws: OperationError.self) {
            _ = try confinement.open("~/escape/new", flags: O_WRONLY | O_CREAT, mode: 0o600)
        }
        #expect(error?.code == .permissionDenied)
        #expect(try directory.names(in: "outside") == ["secret"])
        let exists = #expect(throws: OperationError.self) {
            _ = try confinement.open("new", flags: O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
        }
        #expect(exists?.code == .alreadyExists)
    }

    @Test
    func theWholeSystemCanBeTheRoot() throws {
        let everything = PathConfinement(roots: ["/"], base: "/", home: "/root")
        #expect(try everything.resolve("/etc") == "/etc")
        #expect(try everything.resolve("/") == "/")
    }
}
