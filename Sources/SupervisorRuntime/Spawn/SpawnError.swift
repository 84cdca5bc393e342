internal import CProcess

/// A program that could not be started.
package struct SpawnError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was being done when it failed.
    package enum Stage: String, Sendable {
        case request = "read the request"
        case pipes = "make pipes for"
        case clone = "make a process for"
        case processGroup = "make a process group for"
        case parentDeathSignal = "set the parent-death signal of"
        case cgroup = "join the cgroup of"
        case descriptors = "pass descriptors to"
        case oomScore = "set the OOM score of"
        case limits = "set the limits of"
        case workingDirectory = "enter the working directory of"
        case execute = "execute"
    }

    package var executable: String
    package var stage: Stage
    /// The errno of the stage.
    package var code: Int32
    /// Why, and what to do.
    package var diagnosis: SpawnDiagnosis

    /// One sentence that starts with "cannot" and says the remedy.
    package var description: String {
        "cannot \(stage.rawValue) \(executable): \(diagnosis.reason); \(diagnosis.remedy)"
    }
}

extension SpawnError.Stage {
    /// The stage that the C code reports; nil for a started program.
    init?(_ stage: process_stage) {
        switch stage {
        case .PROCESS_STAGE_STARTED: return nil
        case .PROCESS_STAGE_REQUEST: self = .request
        case .PROCESS_STAGE_REPORT_PIPE: self = .pipes
        case .PROCESS_STAGE_CLONE: self = .clone
        case .PROCESS_STAGE_PROCESS_GROUP: self = .processGroup
        case .PROCESS_STAGE_PARENT_DEATH_SIGNAL: self = .parentDeathSignal
        case .PROCESS_STAGE_CGROUP: self = .cgroup
        case .PROCESS_STAGE_DESCRIPTORS: self = .descriptors
        case .PROCESS_STAGE_OOM_SCORE: self = .oomScore
        case .PROCESS_STAGE_LIMITS: self = .limits
        case .PROCESS_STAGE_WORKING_DIRECTORY: self = .workingDirectory
        case .PROCESS_STAGE_EXECUTE: self = .execute
        }
    }
}

extension SpawnError {
    init(_ request: SpawnRequest, _ stage: Stage, _ code: Int32) {
        self.init(
            executable: request.executable, stage: stage, code: code,
            diagnosis: SpawnDiagnosis(request, stage, code: code))
    }
}
