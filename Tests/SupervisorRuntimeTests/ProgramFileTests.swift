import Foundation
import Testing

@testable import SupervisorRuntime

struct ProgramFileTests {
    private let directory: ScratchDirectory

    init() throws {
        directory = try ScratchDirectory()
    }

    private func inspect(_ content: some Sequence<UInt8>) throws -> ProgramFile? {
        ProgramFile(path: try directory.file("program", content, mode: 0o644))
    }

    @Test func readsAProgramOfThisMachine() throws {
        let loader = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        guard case .elf(let machine, let interpreter) = ProgramFile(path: loader) else {
            Issue.record("this test's own program is no ELF file")
            return
        }
        #expect(machine == ProgramFile.ownMachine)
        #expect(interpreter?.hasPrefix("/lib") == true)
    }

    @Test(arguments: [
        ("#!/bin/sh\necho", "/bin/sh"),
        ("#! \t/usr/bin/env python3\n", "/usr/bin/env"),
        ("#!/bin/sh\r\n", "/bin/sh\r"),
        ("#!", ""),
    ])
    func readsTheFirstLineOfAScript(text: String, interpreter: String) throws {
        #expect(try inspect(text.utf8) == .script(interpreter: interpreter))
    }

    @Test(arguments: ["", "echo hello\n", "\u{7f}EL", "\u{7f}ELF"])
    func knowsWhatIsNeither(text: String) throws {
        #expect(try inspect(text.utf8) == .other)
    }

    @Test func isNilWhereTheFileCannotBeRead() {
        #expect(ProgramFile(path: "/nowhere") == nil)
    }

    /// Headers of another word size and byte order: 32-bit, big-endian PowerPC.
    @Test func readsForeignHeaders() throws {
        var header = [UInt8](repeating: 0, count: 52)
        header.replaceSubrange(0..<6, with: [0x7f, 0x45, 0x4c, 0x46, 1, 2])
        header[19] = 20
        header[31] = 52  // program headers from here,
        header[43] = 32  // of this size,
        header[45] = 1  // one of them:
        var segment = [UInt8](repeating: 0, count: 32)
        segment[3] = 3  // PT_INTERP
        segment[7] = 84
        segment[19] = 6
        let program = header + segment + Array("/ld.so".utf8)
        #expect(try inspect(program) == .elf(machine: 20, interpreter: "/ld.so"))
    }

    /// A file cut anywhere is read without harm.
    @Test func surviveDamage() throws {
        let path = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let file = try #require(FileHandle(forReadingAtPath: path))
        let start = try #require(try file.read(upToCount: 1024))
        for length in stride(from: 4, to: start.count, by: 13) {
            _ = try inspect(start.prefix(length))
            var damaged = Array(start)
            for index in damaged.indices.dropFirst(6) where index % 7 == length % 7 {
                damaged[index] = 0xff
            }
            _ = try inspect(damaged)
        }
    }
}
