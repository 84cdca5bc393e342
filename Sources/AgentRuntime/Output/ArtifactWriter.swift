private import Glibc
internal import LinuxIO

/// Takes the bytes of one artifact.
package struct ArtifactWriter: ~Copyable, Sendable {
    /// The id under which it is read.
    package let id: String
    /// What it took so far.
    package private(set) var byteCount: Int64 = 0
    /// Bytes came that were more than an artifact may have: they are not kept.
    package private(set) var isCut = false

    private let descriptor: OwnedDescriptor
    private let maxBytes: Int64
    private let onClose: @Sendable () -> Void

    init(
        id: String, descriptor: consuming OwnedDescriptor, maxBytes: Int64,
        onClose: @escaping @Sendable () -> Void
    ) {
        self.id = id
        self.descriptor = descriptor
        self.maxBytes = maxBytes
        self.onClose = onClose
    }

    deinit {
        onClose()
    }

    /// Adds bytes at the end.
    ///
    /// - Throws: ``OperationError/Code/resourceExhausted`` where the disk is full.
    package mutating func append(_ bytes: some Sequence<UInt8>) throws(OperationError) {
        let bytes = Array(bytes)
        let kept = Int(min(Int64(bytes.count), maxBytes - byteCount))
        isCut = isCut || kept < bytes.count
        var written = 0
        while written < kept {
            let result = bytes.withUnsafeBytes { buffer in
                write(
                    descriptor.rawValue, buffer.baseAddress?.advanced(by: written), kept - written)
            }
            if result < 0 {
                if errno == EINTR { continue }
                throw OperationError(storing: SystemError("write the artifact \(id)"))
            }
            written += result
        }
        byteCount += Int64(kept)
    }
}

extension OperationError {
    /// An error of storing something: a full disk is the caller's to know, anything else ours.
    init(storing error: SystemError) {
        if [ENOSPC, EDQUOT].contains(error.code) {
            self.init(.resourceExhausted, "\(error); free some space on the state directory's disk")
        } else {
            self.init(.internal, "\(error); look at the state directory")
        }
    }
}
