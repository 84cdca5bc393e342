import AgentRuntime
import Glibc
import LinuxIO
import Testing

struct StateDirectoryTests {
    @Test(
        arguments: [
            ("/given", ["OP_AGENT_STATE_DIR": "/own"], "/given"),
            (nil, ["OP_AGENT_STATE_DIR": "/own", "STATE_DIRECTORY": "/var/lib/x"], "/own"),
            (
                nil, ["STATE_DIRECTORY": "/var/lib/x:/var/lib/y", "XDG_STATE_HOME": "/xdg"],
                "/var/lib/x/memory"
            ),
            (nil, ["XDG_STATE_HOME": "/xdg"], "/xdg/op-agents/memory"),
            (nil, ["XDG_STATE_HOME": "relative"], "/home/u/.local/state/op-agents/memory"),
            (nil, ["STATE_DIRECTORY": ""], "/home/u/.local/state/op-agents/memory"),
        ] as [(String?, [String: String], String)])
    func theFirstThatIsSetWins(given: String?, environment: [String: String], path: String) {
        #expect(
            StateDirectory.path(
                given: given, agentID: "memory", environment: environment, home: "/home/u") == path)
    }

    @Test
    func itIsMadeWithItsParentsForItsUserAlone() throws {
        let directory = try TemporaryDirectory()
        try StateDirectory.make("\(directory.path)/a/b/c/")
        for name in ["a", "a/b", "a/b/c"] { #expect(try directory.mode(of: name) == 0o700) }
        try StateDirectory.make("\(directory.path)/a/b/c")
    }

    @Test
    func oneThatExistsKeepsItsMode() throws {
        let directory = try TemporaryDirectory()
        try directory.setMode(0o755)
        try StateDirectory.make(directory.path)
        #expect(try directory.mode() == 0o755)
    }

    @Test(arguments: [0o777, 0o1777, 0o770])
    func oneThatOthersMayWriteToIsRefused(mode: Int) throws {
        let directory = try TemporaryDirectory()
        try directory.setMode(mode)
        let error = #expect(throws: SystemError.self) { try StateDirectory.make(directory.path) }
        #expect(error?.code == EPERM)
    }

    @Test
    func whatIsNoDirectoryIsRefused() throws {
        let directory = try TemporaryDirectory()
        try directory.write("", to: "file")
        #expect(throws: SystemError.self) { try StateDirectory.make("\(directory.path)/file") }
        #expect(throws: SystemError.self) {
            try StateDirectory.make("\(directory.path)/file/below")
        }
    }
}
