import Testing

@testable import LinuxIO
@testable import op_agents

struct PortsCheckTests {
    private func verdict(
        isTaken: Bool, holder: Int32?, own: Set<Int32> = [100]
    ) -> [Finding.Verdict] {
        let port = PortsCheck.Port(
            number: 50052, user: "memory", key: "agents.memory.port", isTaken: isTaken,
            holder: holder.map { PortHolder(pid: $0, command: "x") })
        return PortsCheck(ports: [port], ownProcesses: own).findings().map(\.verdict)
    }

    @Test func aPortIsFreeOurOwnOrInTheWay() {
        #expect(verdict(isTaken: false, holder: nil) == [.ok])
        #expect(verdict(isTaken: true, holder: 100) == [.ok])
        #expect(verdict(isTaken: true, holder: 7) == [.error])
        #expect(verdict(isTaken: true, holder: nil) == [.warning])
    }

    @Test func whoHasItIsNamed() throws {
        let port = PortsCheck.Port(
            number: 50052, user: "memory", key: "agents.memory.port", isTaken: true,
            holder: PortHolder(pid: 7, command: "nginx"))
        let finding = try #require(PortsCheck(ports: [port], ownProcesses: []).findings().last)
        #expect(finding.message.contains("pid 7 (nginx)"))
        #expect(finding.remedy?.contains("agents.memory.port") == true)
    }
}
