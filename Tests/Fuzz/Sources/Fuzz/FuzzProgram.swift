private import CFuzzer
private import Glibc

/// `Fuzz TARGET [OPTION]... [CORPUS]...`: libFuzzer's options, on one target.
@main
struct FuzzProgram {
    static func main() {
        let arguments = CommandLine.arguments
        guard arguments.count > 1, let target = FuzzTarget(rawValue: arguments[1]) else {
            let names = FuzzTarget.allCases.map(\.rawValue).joined(separator: ", ")
            FuzzFailure.end("cannot fuzz without a target: name one of \(names)", code: 64)
        }
        target.select()
        // libFuzzer keeps the arguments for as long as it runs, which is as long as the process does.
        let rest = [arguments[0]] + arguments.dropFirst(2)
        let strings = UnsafeMutableBufferPointer<UnsafeMutablePointer<CChar>?>.allocate(
            capacity: rest.count + 1)
        strings.initialize(repeating: nil)
        for (index, argument) in rest.enumerated() { strings[index] = strdup(argument) }
        var count = CInt(rest.count)
        var base = strings.baseAddress
        exit(LLVMFuzzerRunDriver(&count, &base, takeInput))
    }
}

/// What libFuzzer calls; by this name, as its archive has a `main` that wants it, though ours takes its place.
@_cdecl("LLVMFuzzerTestOneInput")
public func takeInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    FuzzTarget.selected?.run(UnsafeRawBufferPointer(start: bytes, count: count))
    return 0
}
