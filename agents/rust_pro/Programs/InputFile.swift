internal import AgentRuntime
private import Glibc
internal import LinuxIO

/// A program's standard input as an unnamed file, so that nobody has to stand by to feed it, and a program that does
/// not read leaves no broken pipe behind.
struct InputFile: ~Copyable {
    private let descriptor: OwnedDescriptor

    /// Writes the input down; no input is `/dev/null`.
    init(_ bytes: [UInt8]) throws(OperationError) {
        do throws(SystemError) {
            descriptor = try Self.make(bytes)
        } catch {
            throw OperationError(
                error.code == ENOSPC ? .resourceExhausted : .internal,
                "\(error); see that there is room in the directory for temporary files")
        }
    }

    /// Gives up the descriptor, which stands at the first byte.
    consuming func release() -> CInt {
        descriptor.release()
    }

    private static func make(_ bytes: [UInt8]) throws(SystemError) -> OwnedDescriptor {
        guard !bytes.isEmpty else {
            return try OwnedDescriptor(
                owning: open("/dev/null", O_RDONLY | O_CLOEXEC), from: "open /dev/null")
        }
        let directory = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var path = Array("\(directory)/op-agent-input-XXXXXX".utf8CString)
        let file = try OwnedDescriptor(
            owning: mkstemp(&path), from: "write down a program's input in \(directory)")
        unlink(path)
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes {
                write(file.rawValue, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw SystemError("write down a program's input in \(directory)")
            }
            written += count
        }
        lseek(file.rawValue, 0, SEEK_SET)
        return file
    }
}
