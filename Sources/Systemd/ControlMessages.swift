private import Glibc
private import LinuxIO

/// The ancillary data of a received message (cmsg(3)), which owns the descriptors in it.
///
/// The macros of the header do not reach Swift: a message is a header, its data at the next
/// multiple of the word size, and the next header at the multiple after that.
struct ControlMessages: ~Copyable {
    /// Room for the credentials and as many descriptors as the kernel passes in one message.
    static let capacity =
        space(for: 3 * MemoryLayout<CInt>.size) + space(for: 253 * MemoryLayout<CInt>.size)

    // Both behind _GNU_SOURCE in the headers of glibc; values of the kernel's interface.
    private static let credentialsType: CInt = 2  // SCM_CREDENTIALS
    private static let descriptorsType = CInt(SCM_RIGHTS)

    /// Who sent it, where the socket asks for it (SO_PASSCRED).
    private(set) var sender: NotifyMessage.Sender?
    private var descriptors: [CInt] = []

    /// Reads what recvmsg(2) wrote.
    init(_ bytes: ArraySlice<UInt8>) {
        var rest = bytes
        while let header = rest.header {
            let data = rest.prefix(header.cmsg_len).dropFirst(
                Self.align(MemoryLayout<cmsghdr>.size))
            let numbers = data.numbers
            switch (header.cmsg_level, header.cmsg_type) {
            case (SOL_SOCKET, Self.credentialsType) where numbers.count == 3:
                sender = NotifyMessage.Sender(
                    pid: numbers[0], user: uid_t(bitPattern: numbers[1]),
                    group: gid_t(bitPattern: numbers[2]))
            case (SOL_SOCKET, Self.descriptorsType):
                descriptors += numbers
            default: break
            }
            rest = rest.dropFirst(Self.align(header.cmsg_len))
        }
    }

    deinit {
        for descriptor in descriptors { close(descriptor) }
    }

    private static func align(_ length: Int) -> Int {
        let word = MemoryLayout<Int>.size
        return (length + word - 1) / word * word
    }

    /// CMSG_SPACE.
    private static func space(for length: Int) -> Int {
        align(MemoryLayout<cmsghdr>.size) + align(length)
    }
}

extension ArraySlice<UInt8> {
    /// The header of the first message, if there is one and its data is all there.
    fileprivate var header: cmsghdr? {
        guard count >= MemoryLayout<cmsghdr>.size else { return nil }
        let header = withUnsafeBytes { $0.loadUnaligned(as: cmsghdr.self) }
        return (MemoryLayout<cmsghdr>.size...count).contains(header.cmsg_len) ? header : nil
    }

    /// The bytes as numbers of the machine.
    fileprivate var numbers: [CInt] {
        withUnsafeBytes { bytes in
            (0..<bytes.count / MemoryLayout<CInt>.size).map {
                bytes.loadUnaligned(fromByteOffset: $0 * MemoryLayout<CInt>.size, as: CInt.self)
            }
        }
    }
}
