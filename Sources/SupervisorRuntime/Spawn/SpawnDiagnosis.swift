private import Glibc

/// Why a program could not be started, for a person, and what to do about it.
package struct SpawnDiagnosis: Sendable, Hashable {
    /// What is wrong, as a clause.
    package var reason: String
    /// What to do, as a clause.
    package var remedy: String

    /// A diagnosis that is known already.
    package init(reason: String, remedy: String) {
        self.reason = reason
        self.remedy = remedy
    }

    /// Looks for the reason behind an errno: at the path, its modes and owners, and the program's
    /// headers.
    ///
    /// What it finds is what it is now, an instant after the failure.
    package init(_ request: SpawnRequest, _ stage: SpawnError.Stage, code: Int32) {
        self =
            switch stage {
            case .execute: Self.execution(request, code)
            case .workingDirectory: Self.workingDirectory(request, code)
            case .cgroup: Self.cgroup(code)
            case .oomScore: Self.oomScore(request, code)
            case .clone: Self.clone(code)
            case .request:
                Self(
                    reason: "the request is invalid",
                    remedy: "remove zero bytes from its strings, and colons from the sockets' names"
                )
            case .pipes, .descriptors:
                Self(reason: Self.text(code), remedy: "raise LimitNOFILE= of the supervisor's unit")
            case .limits:
                Self(reason: Self.text(code), remedy: "correct limits in the agent's manifest")
            case .processGroup, .parentDeathSignal:
                Self(reason: Self.text(code), remedy: "look for a seccomp filter that refuses it")
            }
    }

    static func text(_ code: Int32) -> String { String(cString: strerror(code)) }
}

// MARK: The stages

extension SpawnDiagnosis {
    private static func execution(_ request: SpawnRequest, _ code: Int32) -> Self {
        let path = request.executable
        switch code {
        case E2BIG:
            return Self(
                reason: "its arguments and environment are too long",
                remedy: "shorten args and environment in the agent's manifest")
        case ETXTBSY:
            return Self(
                reason: "some process has the file open for writing",
                remedy: "wait until it is written, and install programs by renaming a finished "
                    + "file over the old one")
        case ENOMEM, EAGAIN:
            return Self(
                reason: text(code),
                remedy: "raise the agent's limits, or free memory on this machine")
        default: break
        }
        if let obstacle = PathObstacle.find(on: path, for: .execution) {
            return Self(reason: obstacle.reason, remedy: obstacle.remedy)
        }
        return program(at: path) ?? Self(reason: text(code), remedy: "try to run it by hand")
    }

    /// What is wrong with a file that is there and may be executed.
    private static func program(at path: String) -> Self? {
        switch ProgramFile(path: path) {
        case .elf(let machine, _) where machine != ProgramFile.ownMachine:
            let theirs = ProgramFile.name(ofMachine: machine)
            let ours = ProgramFile.name(ofMachine: ProgramFile.ownMachine)
            return Self(
                reason: "it is built for \(theirs), and this machine is \(ours)",
                remedy: "install the build for \(ours)")
        case .elf(_, let interpreter?):
            return PathObstacle.find(on: interpreter, for: .execution).map { obstacle in
                Self(
                    reason: "its loader \(interpreter) cannot be executed: \(obstacle.reason)",
                    remedy: "install the C library that it was built for")
            }
        case .script(let interpreter) where interpreter.hasSuffix("\r"):
            return Self(
                reason: "its #! line ends with a carriage return",
                remedy: "save it with Unix line endings")
        case .script(let interpreter):
            return PathObstacle.find(on: interpreter, for: .execution).map { obstacle in
                Self(
                    reason: "its interpreter \(interpreter) cannot be executed: \(obstacle.reason)",
                    remedy: "install the interpreter or correct the #! line")
            }
        case .other:
            return Self(
                reason: "it is neither an ELF program nor a script with a #! line",
                remedy: "install a program for this machine, or begin the script with #!")
        case .elf, nil: return nil
        }
    }

    private static func workingDirectory(_ request: SpawnRequest, _ code: Int32) -> Self {
        guard let path = request.workingDirectory,
            let obstacle = PathObstacle.find(on: path, for: .entering)
        else { return Self(reason: text(code), remedy: "correct the agent's working directory") }
        return Self(reason: obstacle.reason, remedy: "correct the agent's working directory")
    }

    private static func cgroup(_ code: Int32) -> Self {
        switch code {
        case EBUSY:
            Self(
                reason: "the cgroup hands its controllers to cgroups below it",
                remedy: "put the process into one of those")
        case EACCES, EPERM:
            Self(
                reason: "the cgroup is not ours to fill",
                remedy: "give the supervisor's unit Delegate=yes")
        default:
            Self(
                reason: text(code),
                remedy: "give the supervisor's unit Delegate=yes, or disable cgroups")
        }
    }

    private static func oomScore(_ request: SpawnRequest, _ code: Int32) -> Self {
        let value = request.oomScoreAdjustment.map { String($0) } ?? "it"
        return code == EACCES || code == EPERM
            ? Self(
                reason: "lowering it to \(value) needs the capability CAP_SYS_RESOURCE",
                remedy: "raise oom_score_adjust in the agent's manifest")
            : Self(
                reason: "\(value): \(text(code))",
                remedy: "use an oom_score_adjust from -1000 to 1000")
    }

    private static func clone(_ code: Int32) -> Self {
        switch code {
        case EAGAIN:
            Self(
                reason: "the limit on processes is reached",
                remedy: "raise TasksMax= of the supervisor's unit or end other processes")
        case ENOMEM: Self(reason: text(code), remedy: "free memory on this machine")
        default: Self(reason: text(code), remedy: "look for a seccomp filter that refuses clone")
        }
    }
}
