import Supervision
import Testing

struct ExitStatusTests {
    @Test(arguments: [
        (Supervision.ExitStatus.exited(code: 3), "exited with code 3"),
        (.signaled(11), "killed by SIGSEGV"), (.signaled(50), "killed by signal 50"),
        (
            .overMemoryLimit(bytes: 256 << 20, key: "agents.memory.limits.memory"),
            """
            killed by SIGKILL: it used more than its memory limit of 256 MiB; \
            raise agents.memory.limits.memory
            """
        ),
    ])
    func itSaysWhatHappened(status: Supervision.ExitStatus, text: String) {
        #expect(status.description == text)
    }
}
