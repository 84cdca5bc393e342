/// An input as what one side of a connection sends.
///
/// Its first byte says how the others are meant: as they are, or as frames. The header of a frame is then made of a few
/// bytes, so that its length is always right and a change of one byte does not garble all that follows.
struct RawBytes {
    let bytes: [UInt8]

    init(_ input: UnsafeRawBufferPointer) {
        let rest = input.dropFirst()
        bytes = input.first == Self.asFrames ? Self.frames(rest) : Array(rest)
    }

    private static let asFrames = UInt8(ascii: "F")

    /// Each frame is a byte for its type, one for its flags, one for its stream, two for its length, and so many more.
    private static func frames(_ input: Slice<UnsafeRawBufferPointer>) -> [UInt8] {
        var frames: [UInt8] = []
        var rest = input
        while rest.count >= 5 {
            let header = Array(rest.prefix(5))
            rest = rest.dropFirst(5)
            let payload = rest.prefix(Int(header[3]) << 8 | Int(header[4]))
            rest = rest.dropFirst(payload.count)
            frames += [0, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
            frames += header[..<2]
            frames += [0, 0, 0, header[2]]
            frames += payload
        }
        return frames
    }
}
