import Testing

@testable import AgentRuntime

struct UTF8BoundaryTests {
    @Test(
        arguments: [
            ([], 0), ([0x61], 0), ([0xc3], 1), ([0xc3, 0xa4], 0), ([0xe2, 0x82], 2),
            ([0xe2, 0x82, 0xac], 0),
            ([0x61, 0xf0, 0x9f, 0x99], 3), ([0xf0, 0x9f, 0x99, 0x82], 0),
            ([0x80, 0x80, 0x80, 0x80], 0), ([0xff], 0),
        ] as [([UInt8], Int)])
    func countsTheBytesOfAnUnfinishedCharacter(bytes: [UInt8], count: Int) {
        #expect(UTF8Boundary.unfinishedBytes(at: bytes) == count)
    }

    @Test(
        arguments: [
            ([], 0), ([0x61, 0x80], 0), ([0x80, 0x61], 1), ([0x82, 0xac, 0x61], 2),
            ([0x80, 0x80, 0x80, 0x80], 3),
        ] as [([UInt8], Int)])
    func countsTheBytesOfAnOrphanedCharacter(bytes: [UInt8], count: Int) {
        #expect(UTF8Boundary.orphanedBytes(at: bytes) == count)
    }
}
