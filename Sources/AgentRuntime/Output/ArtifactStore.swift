private import Glibc
package import LinuxIO
private import Synchronization

/// Keeps whole outputs that were too long for a result, each under an id, in files of one directory.
///
/// When the quota is exceeded the oldest go first. Ids begin with their time, so the order of names is the order of age.
package final class ArtifactStore: Sendable {
    /// The most bytes that all artifacts together take, by default: 256 MiB.
    package static let defaultQuota: Int64 = 256 << 20

    private let directory: String
    private let quota: Int64
    /// Artifacts that are being written: not removed.
    private let open = Mutex<Set<String>>([])

    /// Opens the store; makes its directory where it does not exist.
    ///
    /// - Parameters:
    ///   - directory: Holds nothing else.
    ///   - quota: Bytes of all artifacts together; a single one takes at most half of it.
    /// - Throws: `SystemError` where the directory cannot be made.
    package init(directory: String, quota: Int64 = defaultQuota) throws(SystemError) {
        guard mkdir(directory, 0o700) == 0 || errno == EEXIST else {
            throw SystemError("make the artifact directory \(directory)")
        }
        self.directory = directory
        self.quota = quota
    }

    /// Begins an artifact.
    ///
    /// - Returns: Takes its bytes; the artifact can be read meanwhile.
    /// - Throws: ``OperationError/Code/resourceExhausted`` where the disk is full, ``OperationError/Code/internal``
    ///   where the file cannot be made.
    package func create() throws(OperationError) -> ArtifactWriter {
        let id = Self.makeID()
        let descriptor = Glibc.open(
            path(of: id), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw OperationError(storing: SystemError("make \(path(of: id))"))
        }
        open.withLock { _ = $0.insert(id) }
        return ArtifactWriter(
            id: id, descriptor: OwnedDescriptor(owning: descriptor), maxBytes: quota / 2
        ) { [self] in
            open.withLock { _ = $0.remove(id) }
            removeOldest()
        }
    }

    /// Reads a range of an artifact.
    ///
    /// - Parameters:
    ///   - id: From a result's `artifact_id`.
    ///   - offset: Bytes to skip.
    ///   - limit: The most bytes to read.
    /// - Returns: The bytes, empty at the end, and how many the artifact has.
    /// - Throws: ``OperationError/Code/notFound`` where there is no such artifact, or not any more.
    package func read(
        _ id: String, offset: Int64, limit: Int
    ) throws(OperationError) -> (bytes: [UInt8], totalBytes: Int64) {
        let missing = OperationError(
            .notFound,
            "cannot find the artifact \"\(id.prefix(64))\": it does not exist, or it was removed to make "
                + "room for newer ones; run the call again")
        // Also keeps a path from passing as an id.
        guard Self.isID(id) else { throw missing }
        let descriptor = Glibc.open(path(of: id), O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw missing }
        let file = OwnedDescriptor(owning: descriptor)
        var status = stat()
        guard fstat(file.rawValue, &status) == 0 else { throw missing }
        let available = max(0, min(Int64(limit), Int64(status.st_size) - offset))
        var failure: CInt?
        let bytes = [UInt8](unsafeUninitializedCapacity: Int(available)) { buffer, count in
            while count < buffer.count {
                let result = pread(
                    file.rawValue, buffer.baseAddress?.advanced(by: count), buffer.count - count,
                    Int(offset) + count)
                if result < 0, errno == EINTR { continue }
                if result < 0 { failure = errno }
                if result <= 0 { break }
                count += result
            }
        }
        if let failure {
            throw OperationError(
                .dataLoss,
                "\(SystemError("read \(path(of: id))", code: failure)); run the call again")
        }
        return (bytes, Int64(status.st_size))
    }

    /// Removes the oldest artifacts until the rest is within the quota.
    private func removeOldest() {
        let open = open.withLock { $0 }
        var sizes: [(id: String, bytes: Int64)] = ids().compactMap { id in
            var status = stat()
            return stat(path(of: id), &status) == 0 ? (id, Int64(status.st_size)) : nil
        }
        sizes.sort { $0.id < $1.id }
        var total = sizes.reduce(0) { $0 + $1.bytes }
        for (id, bytes) in sizes where !open.contains(id) {
            guard total > quota else { return }
            unlink(path(of: id))
            total -= bytes
        }
    }

    private func ids() -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var ids: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if Self.isID(name) { ids.append(name) }
        }
        return ids
    }

    private func path(of id: String) -> String { "\(directory)/\(id)" }

    /// Microseconds since 1970 and 32 random bits, both in hexadecimal of fixed width.
    private static func makeID() -> String {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let microseconds = UInt64(now.tv_sec) * 1_000_000 + UInt64(now.tv_nsec) / 1000
        return hexadecimal(microseconds, width: 14)
            + hexadecimal(UInt64(UInt32.random(in: .min ... .max)), width: 8)
    }

    private static func hexadecimal(_ value: UInt64, width: Int) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    private static func isID(_ text: String) -> Bool {
        text.utf8.count == 22 && text.utf8.allSatisfy("0123456789abcdef".utf8.contains)
    }
}
