/// Finds messages in the bytes of a stream (gRPC over HTTP/2, "Length-Prefixed-Message").
struct MessageDecoder {
    /// A flag for compression, and the length in four bytes, big-endian.
    static let prefixLength = 5

    /// Why a stream cannot go on.
    enum Failure: Error, Equatable {
        /// The message says that it is compressed, and no compression was declared.
        case undeclaredCompression
        /// The flag is neither 0 nor 1.
        case badFlag(UInt8)
        /// The message is longer than is allowed.
        case tooLong(length: Int, limit: Int)
    }

    /// Messages may be compressed.
    var takesCompressed = false

    private let maximumLength: Int
    private var isCompressed = false
    private var prefix: [UInt8] = []
    private var body: [UInt8] = []
    private var missing: Int?

    /// - Parameter maximumLength: Of a message, compressed or not, in bytes.
    init(maximumLength: Int) {
        self.maximumLength = maximumLength
    }

    /// Part of a message has arrived, and the rest has not.
    var isInMessage: Bool { missing != nil || !prefix.isEmpty }

    /// Takes bytes as they arrive.
    ///
    /// - Parameters:
    ///   - bytes: Of any number, cut anywhere.
    ///   - deliver: Called with each message that they complete, and whether it is compressed.
    /// - Throws: ``Failure`` where they cannot be messages.
    mutating func decode(
        _ bytes: UnsafeRawBufferPointer, deliver: (_ message: [UInt8], _ isCompressed: Bool) -> Void
    ) throws(Failure) {
        var rest = bytes[...]
        while true {
            if let missing {
                let part = rest.prefix(missing)
                rest = rest.dropFirst(part.count)
                body.append(contentsOf: part)
                self.missing = missing - part.count
                guard missing == part.count else { return }
                self.missing = nil
                deliver(body, isCompressed)
                body = []
            }
            if rest.isEmpty { return }
            if prefix.isEmpty, rest.count >= Self.prefixLength {
                try begin(rest.prefix(Self.prefixLength))
                rest = rest.dropFirst(Self.prefixLength)
            } else {
                let part = rest.prefix(Self.prefixLength - prefix.count)
                rest = rest.dropFirst(part.count)
                prefix.append(contentsOf: part)
                guard prefix.count == Self.prefixLength else { return }
                try begin(prefix[...])
                prefix.removeAll(keepingCapacity: true)
            }
        }
    }

    private mutating func begin(_ prefix: some Collection<UInt8>) throws(Failure) {
        switch prefix[prefix.startIndex] {
        case 0: isCompressed = false
        case 1 where takesCompressed: isCompressed = true
        case 1: throw .undeclaredCompression
        case let flag: throw .badFlag(flag)
        }
        let length = prefix.dropFirst().reduce(0) { $0 << 8 | Int($1) }
        guard length <= maximumLength else {
            throw .tooLong(length: length, limit: maximumLength)
        }
        missing = length
        // What is announced is believed only so far as it has arrived: a peer cannot make this side
        // reserve memory by a number alone.
        body.reserveCapacity(min(length, 1 << 16))
    }
}
