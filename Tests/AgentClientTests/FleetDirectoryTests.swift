import AgentAPI
import LinuxIO
import SwiftProtobuf
import Testing

@testable import AgentClient

struct FleetDirectoryTests {
    private func agent(_ id: String, _ address: String) -> AgentInfo {
        AgentInfo(
            .with {
                $0.id = id
                $0.address = address
            })
    }

    @Test func addressesAreLearnedAndReplaced() throws {
        var directory = FleetDirectory()
        #expect(directory.address(of: "memory") == nil)
        directory.learn([agent("memory", "127.0.0.1:50052"), agent("mem0", "unix:/run/mem0")])
        directory.learn([agent("memory", "127.0.0.1:60052")])
        #expect(directory.address(of: "memory") == .loopback(port: 60052))
        #expect(directory.address(of: "mem0") == .unix(path: "/run/mem0"))
    }

    @Test func anAddressThatCannotBeDialledIsForgotten() {
        var directory = FleetDirectory()
        directory.learn([agent("memory", "127.0.0.1:50052")])
        directory.learn([agent("memory", "memory.example:50052")])
        #expect(directory.address(of: "memory") == nil)
    }

    @Test(arguments: [("recall", true), ("look_up", true), ("remember", false), ("store", false)])
    func aliasesAreAsReadOnlyAsTheirOperation(name: String, expected: Bool) {
        var directory = FleetDirectory()
        #expect(directory.isReadOnly(name, of: "memory") == nil)
        directory.learn(
            [
                AgentOperation(
                    .with {
                        $0.name = "recall"
                        $0.aliases = ["look_up"]
                        $0.readOnly = true
                    }),
                AgentOperation(
                    .with {
                        $0.name = "remember"
                        $0.aliases = ["store"]
                    }),
            ], of: "memory")
        #expect(directory.isReadOnly(name, of: "memory") == expected)
    }
}
