import Glibc
import LinuxIO
import Testing

struct OwnedDescriptorTests {
    @Test func isClosedWhenItsOwnerIsDone() throws {
        // The one end of a pipe says whether the other is open: its number may be given away again.
        try Pipe().split { reader, writer in
            #expect(read(from: reader.rawValue) == .nothing)
            drop(writer)
            #expect(read(from: reader.rawValue) == .end)
        }
    }

    @Test func releasedOneStaysOpen() throws {
        try Pipe().split { reader, writer in
            let number = writer.release()
            #expect(read(from: reader.rawValue) == .nothing)
            drop(OwnedDescriptor(owning: number))
            #expect(read(from: reader.rawValue) == .end)
        }
    }

    @Test func failedCallIsAnErrorWithItsNumber() {
        let error = #expect(throws: SystemError.self) {
            _ = try OwnedDescriptor(
                owning: open("/nowhere/at/all", O_RDONLY), from: "open /nowhere/at/all")
        }
        #expect(error == SystemError("open /nowhere/at/all", code: ENOENT))
        #expect(error?.description == "cannot open /nowhere/at/all: No such file or directory")
    }

    private enum Outcome {
        case byte
        case nothing
        case end
    }

    private func drop(_ descriptor: consuming OwnedDescriptor) {}

    private func read(from descriptor: CInt) -> Outcome {
        var byte: UInt8 = 0
        return switch Glibc.read(descriptor, &byte, 1) {
        case 0: .end
        case 1: .byte
        default: .nothing
        }
    }
}
