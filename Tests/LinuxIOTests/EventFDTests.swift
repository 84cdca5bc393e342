import LinuxIO
import Testing

struct EventFDTests {
    @Test func isReadableFromSignalToClear() throws {
        let event = try EventFD()
        #expect(!isReadable(event.descriptor.rawValue))
        event.signal()
        event.signal()
        #expect(isReadable(event.descriptor.rawValue))
        event.clear()
        #expect(!isReadable(event.descriptor.rawValue))
    }

    @Test func clearingAnUnsignalledOneDoesNotBlock() throws {
        let event = try EventFD()
        event.clear()
        event.signal()
        #expect(isReadable(event.descriptor.rawValue))
    }
}
