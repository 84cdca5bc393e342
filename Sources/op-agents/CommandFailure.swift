import AgentAPI
import AgentClient
import GRPCCore

/// Why a command could not do what it was asked to.
struct CommandFailure: Error, Equatable {
    /// How the program ends.
    var status: ExitStatus
    /// One sentence that starts with "cannot" and ends with the remedy.
    var message: String
}

extension CommandFailure {
    /// A call that could not be carried out.
    ///
    /// - Parameter error: Why not.
    init(_ error: AgentCallError) {
        if error.isUnreachable {
            self.init(
                status: .unreachable,
                message: """
                    \(error.message); start it with `op-supervisor` or \
                    `systemctl start op-supervisor`, or give --address
                    """)
        } else if error.wasSent {
            self.init(status: .refused, message: "\(error.code.statusName): \(error.message)")
        } else {
            // Never sent: the address is none, or this machine has run out of something.
            self.init(
                status: error.code == .invalidArgument ? .usage : .unreachable,
                message: error.message)
        }
    }
}
