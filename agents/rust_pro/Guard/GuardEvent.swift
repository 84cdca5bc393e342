/// What a guard tells the agent about the program that it runs, in the order in which it happened.
enum GuardEvent: Sendable, Hashable {
    /// Bytes that the program wrote.
    case output(ProgramStream, [UInt8])
    /// The time limit is reached: the program is made to end.
    case outOfTime
    /// The program ended, and nothing that it started is left.
    case ended(ProgramEnd)
    /// The program could not be started.
    case failed(operation: String, code: CInt)
}

/// The two streams that a program writes to.
enum ProgramStream: Sendable, Hashable {
    case stdout
    case stderr
}

/// How a program ended.
enum ProgramEnd: Sendable, Hashable {
    case exited(CInt)
    case signalled(CInt)

    /// The exit code as a shell counts: 128 plus the signal, where one ended the program.
    var exitCode: Int32 {
        switch self {
        case .exited(let code): code
        case .signalled(let signal): 128 + signal
        }
    }
}

extension GuardEvent {
    /// The event as it travels: a kind byte, the length of what follows as a little-endian 32-bit
    /// number, and that many bytes.
    var encoded: [UInt8] {
        switch self {
        case .output(.stdout, let bytes): Self.frame(.stdout, bytes)
        case .output(.stderr, let bytes): Self.frame(.stderr, bytes)
        case .outOfTime: Self.frame(.outOfTime, [])
        case .ended(.exited(let code)): Self.frame(.exited, code.littleEndianBytes)
        case .ended(.signalled(let signal)): Self.frame(.signalled, signal.littleEndianBytes)
        case .failed(let operation, let code):
            Self.frame(.failed, code.littleEndianBytes + operation.utf8)
        }
    }

    private static func frame(_ kind: GuardEventKind, _ payload: [UInt8]) -> [UInt8] {
        [kind.rawValue] + Int32(payload.count).littleEndianBytes + payload
    }
}

/// The first byte of an encoded event.
enum GuardEventKind: UInt8 {
    case stdout = 1
    case stderr = 2
    case exited = 3
    case signalled = 4
    case failed = 5
    case outOfTime = 6
}

extension Int32 {
    fileprivate var littleEndianBytes: [UInt8] {
        withUnsafeBytes(of: littleEndian) { Array($0) }
    }
}
