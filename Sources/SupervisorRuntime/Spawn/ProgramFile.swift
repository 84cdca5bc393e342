private import Glibc

/// What the beginning of a file says about who can execute it.
enum ProgramFile: Equatable {
    /// An ELF program for a machine (e_machine of elf(5)), with the loader that it names, if any.
    case elf(machine: UInt16, interpreter: String?)
    /// A script, and the program that its first line names.
    case script(interpreter: String)
    /// Neither; the kernel executes no such file.
    case other

    /// Reads the file's headers, or returns nil where it may not be read.
    init?(path: String) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        let start = Self.read(4096, at: 0, from: descriptor)
        if start.starts(with: "#!".utf8) {
            self = .script(interpreter: Self.interpreter(inLine: start))
        } else if start.starts(with: [0x7f] + Array("ELF".utf8)) {
            self = Self.elf(start, descriptor)
        } else {
            self = .other
        }
    }

    /// The machine that this program was compiled for.
    static var ownMachine: UInt16 {
        #if arch(x86_64)
            62
        #elseif arch(arm64)
            183
        #elseif arch(riscv64)
            243
        #else
            #error("the ELF number of this machine is missing")
        #endif
    }

    /// The name that people use for an ELF machine.
    static func name(ofMachine machine: UInt16) -> String {
        switch machine {
        case 3: "32-bit x86"
        case 8: "MIPS"
        case 20, 21: "PowerPC"
        case 22: "s390"
        case 40: "32-bit ARM"
        case 62: "x86-64"
        case 183: "64-bit ARM"
        case 243: "RISC-V"
        default: "ELF machine \(machine)"
        }
    }

    /// The first word behind `#!`.
    ///
    /// A carriage return belongs to it, as the kernel sees it.
    private static func interpreter(inLine bytes: [UInt8]) -> String {
        let line = bytes.dropFirst(2).prefix { $0 != UInt8(ascii: "\n") }
        let isBlank = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        let word = line.drop(while: isBlank).prefix { !isBlank($0) }
        return String(decoding: word, as: UTF8.self)
    }

    private static func elf(_ header: [UInt8], _ descriptor: CInt) -> ProgramFile {
        let fields = ElfFields(bytes: header)
        guard let machine = fields.half(at: 18) else { return .other }
        guard let table = fields.programHeaders else {
            return .elf(machine: machine, interpreter: nil)
        }
        let entries = ElfFields(
            bytes: read(table.count * table.entrySize, at: table.offset, from: descriptor),
            like: fields)
        for index in 0..<table.count {
            let segment = entries.segment(at: index * table.entrySize)
            guard let segment, segment.type == ElfFields.interpreterSegment else { continue }
            let path = read(min(segment.size, 4096), at: segment.offset, from: descriptor)
            return .elf(
                machine: machine,
                interpreter: String(decoding: path.prefix { $0 != 0 }, as: UTF8.self))
        }
        return .elf(machine: machine, interpreter: nil)
    }

    private static func read(_ count: Int, at offset: Int, from descriptor: CInt) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let length = pread(descriptor, &bytes, count, offset)
        return Array(bytes.prefix(max(length, 0)))
    }
}
