import Glibc
import Testing

@testable import op_agents

struct ShellWordTests {
    @Test(arguments: [
        "", "plain-1.0/x", "a b", "it's", "$HOME", "#998", "A=b c", "line\nbreak", "é",
    ])
    func aShellReadsTheWordBack(word: String) {
        #expect(ProgramOutput.text(["printf", "%s", word]) == word)
    }

    @Test func aProgramThatFailsSaysNothing() {
        #expect(ProgramOutput.text(["sh", "-c", "echo x; exit 1"]) == nil)
        #expect(ProgramOutput.text(["/no/such/program"]) == nil)
    }

    @Test func theEnvironmentIsAllThereIs() {
        #expect(ProgramOutput.text(["/usr/bin/env"], environment: ["A": "b c"]) == "A=b c\n")
    }

    @Test(.enabled(if: geteuid() == 0, "only root may run programs as somebody else"))
    func anotherUserRunsItWithNothingOfRoots() {
        let asking = ["sh", "-c", "id -u; id -G; grep NoNewPrivs /proc/self/status"]
        let answer = ProgramOutput.text(
            asking, environment: ["PATH": "/usr/bin:/bin"], userID: 1234)
        #expect(answer == "1234\n65534\nNoNewPrivs:\t1\n")
    }
}
