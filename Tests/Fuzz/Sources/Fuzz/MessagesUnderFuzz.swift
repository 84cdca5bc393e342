@testable internal import HTTP2Transport

/// Messages are the same however the bytes that carry them are cut.
enum MessagesUnderFuzz {
    private enum Found: Equatable {
        case message([UInt8], isCompressed: Bool)
        case failure(MessageDecoder.Failure)
        case rest(isInMessage: Bool)
    }

    /// The first byte says how many pieces there are at most, and whether compression is declared; so many
    /// more say how long each is; the others are the stream.
    static func run(_ input: UnsafeRawBufferPointer) {
        guard let first = input.first else { return }
        let lengths = input.dropFirst().prefix(Int(first >> 1)).map(Int.init)
        let stream = input.dropFirst(1 + lengths.count)
        let takesCompressed = first & 1 == 1

        var pieces: [Slice<UnsafeRawBufferPointer>] = []
        var rest = stream
        for length in lengths {
            pieces.append(rest.prefix(length))
            rest = rest.dropFirst(length)
        }
        let whole = decode([stream], takesCompressed: takesCompressed)
        let cut = decode(pieces + [rest], takesCompressed: takesCompressed)
        precondition(whole == cut, "\(whole) became \(cut)")
    }

    private static func decode(
        _ pieces: [Slice<UnsafeRawBufferPointer>], takesCompressed: Bool
    ) -> [Found] {
        var decoder = MessageDecoder(maximumLength: 1 << 12)
        decoder.takesCompressed = takesCompressed
        var found: [Found] = []
        do {
            for piece in pieces {
                try decoder.decode(UnsafeRawBufferPointer(rebasing: piece)) {
                    found.append(.message($0, isCompressed: $1))
                }
            }
            found.append(.rest(isInMessage: decoder.isInMessage))
        } catch {
            found.append(.failure(error))
        }
        return found
    }
}
