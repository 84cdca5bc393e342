import ArgumentParser

/// How `op-agents` ends, so that scripts can tell a fleet that is ill from one that could not be asked.
enum ExitStatus: Int32 {
    /// Asked, answered, and all is well.
    case fine = 0
    /// Answered, and the answer is bad news: an agent is down, or an operation did not succeed.
    case down = 1
    /// Nobody could be asked: no connection, or no usable configuration to find one with.
    case unreachable = 2
    /// Asked, and refused: the gRPC status is printed.
    case refused = 3
    /// Not a command that there is: EX_USAGE of sysexits.h.
    case usage = 64

    /// The table that `--help` shows.
    static let help = """
        Exit status:
          0   all is well
          1   something is down or wrong, or an operation answered that it did not succeed
          2   nobody could be asked: no connection
          3   the call was refused; its gRPC status is printed
          64  the command line is wrong
        """

    /// Ends the command here, without another word.
    var exit: ExitCode { ExitCode(rawValue) }
}
