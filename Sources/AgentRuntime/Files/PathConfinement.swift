private import Glibc
package import LinuxIO

/// Keeps the paths that callers give within the allowed roots: no symbolic link, "..", prefix of a name or race gets out.
///
/// A path is opened by openat2(2) beneath its root. One whose links lead through another place but end within a root is
/// taken too: what was opened then is asked for its real path, and opened again by that.
package struct PathConfinement: Sendable {
    private final class Root: Sendable {
        /// Without symbolic links and without a final slash, so "" is "/".
        let path: String
        let descriptor: OwnedDescriptor

        init?(at path: String) {
            let result = Glibc.open(path, OwnedDescriptor.pathOnly | O_DIRECTORY | O_CLOEXEC)
            guard result >= 0 else { return nil }
            descriptor = OwnedDescriptor(owning: result)
            guard let real = PathConfinement.realPath(of: descriptor) else { return nil }
            self.path = real == "/" ? "" : real
        }
    }

    private let roots: [Root]
    private let base: String
    private let home: String

    /// Creates the confinement; a root that does not exist is left out.
    ///
    /// - Parameters:
    ///   - roots: Absolute paths of directories.
    ///   - base: What relative paths start from.
    ///   - home: What `~/` stands for.
    package init(roots: [String], base: String, home: String) {
        self.base = base
        self.home = home
        self.roots = roots.compactMap(Root.init(at:))
    }

    /// Opens a file or directory.
    ///
    /// - Parameters:
    ///   - path: Absolute, relative to the base, or beginning with `~/`.
    ///   - flags: As open(2).
    ///   - mode: The permissions of a file that is created.
    /// - Returns: The descriptor, which stays within the roots whatever happens to the path.
    /// - Throws: ``OperationError/Code/permissionDenied`` outside the roots, ``OperationError/Code/notFound``,
    ///   ``OperationError/Code/invalidArgument`` for a path that cannot be one.
    package func open(
        _ path: String, flags: CInt, mode: UInt32 = 0
    ) throws(OperationError) -> OwnedDescriptor {
        let absolute = try absolutePath(path)
        var failure: SystemError?
        for root in roots {
            guard let rest = absolute.path(beneath: root.path) else { continue }
            do throws(SystemError) {
                return try OwnedDescriptor.open(
                    rest, beneath: root.descriptor, flags: flags, mode: mode)
            } catch {
                failure = error
            }
            // Missing here, it may still be reached through a root further in; any other answer is final, but for a way
            // out, which may lead back in.
            if let code = failure?.code, code != EXDEV, code != ENOENT {
                throw self.failure(path, code)
            }
        }
        if let failure, failure.code == ENOENT { throw self.failure(path, ENOENT) }
        return try openByRealPath(path, absolute, flags: flags, mode: mode)
    }

    /// The real path of a file or directory, for programs that open it by name themselves.
    ///
    /// What is there may change before they do; where that matters, use ``open(_:flags:mode:)``.
    ///
    /// - Parameter path: As in ``open(_:flags:mode:)``.
    /// - Returns: An absolute path without symbolic links.
    /// - Throws: As ``open(_:flags:mode:)``.
    package func resolve(_ path: String) throws(OperationError) -> String {
        let descriptor = try open(path, flags: OwnedDescriptor.pathOnly)
        guard let real = Self.realPath(of: descriptor) else { throw failure(path, ENOENT) }
        return real
    }

    /// Checks that a path lies within the roots, of which the last parts may yet have to be made.
    ///
    /// What is there may change after that; where that matters, use ``open(_:flags:mode:)``.
    ///
    /// - Parameter path: As in ``open(_:flags:mode:)``.
    /// - Throws: As ``open(_:flags:mode:)``; ``OperationError/Code/permissionDenied`` also where ".." follows what does
    ///   not exist, or what does not exist is reached through a link that leaves the root: who makes it is led elsewhere
    ///   easily.
    package func checkPlace(_ path: String) throws(OperationError) {
        var existing = try absolutePath(path).split(separator: "/")
        while true {
            do throws(OperationError) {
                _ = try open(
                    "/" + existing.joined(separator: "/"), flags: OwnedDescriptor.pathOnly)
                return
            } catch {
                guard error.code == .notFound else { throw error }
                guard let last = existing.popLast(), last != ".." else {
                    throw failure(path, EXDEV)
                }
            }
        }
    }

    private func openByRealPath(
        _ given: String, _ absolute: String, flags: CInt, mode: UInt32
    ) throws(OperationError) -> OwnedDescriptor {
        // Nothing is created or opened for use here: whether it exists outside is nobody's to know.
        guard let real = Self.realPath(at: absolute) else { throw failure(given, EXDEV) }
        for root in roots {
            guard let rest = real.path(beneath: root.path) else { continue }
            do throws(SystemError) {
                return try OwnedDescriptor.open(
                    rest, beneath: root.descriptor, flags: flags | O_NOFOLLOW, mode: mode)
            } catch {
                throw failure(given, error.code)
            }
        }
        throw failure(given, EXDEV)
    }

    private func absolutePath(_ path: String) throws(OperationError) -> String {
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw OperationError(
                .invalidArgument,
                "cannot use the path \"\(path)\": it is empty or holds a zero byte; send a path")
        }
        if path == "~" { return home }
        if path.hasPrefix("~/") { return home + path.dropFirst() }
        return path.hasPrefix("/") ? path : "\(base)/\(path)"
    }

    private func failure(_ path: String, _ code: CInt) -> OperationError {
        switch code {
        case ENOENT, ENOTDIR:
            return OperationError(
                .notFound, "cannot find \(path): it does not exist; check the path")
        case EXDEV:
            let allowed = roots.map { $0.path.isEmpty ? "/" : $0.path }.joined(separator: ", ")
            return OperationError(
                .permissionDenied,
                "cannot use \(path): it is outside the allowed directories (\(allowed)); move it there, or "
                    + "allow its directory in OP_ALLOWED_ROOTS")
        case ENAMETOOLONG, EINVAL, ELOOP:
            return OperationError(
                .invalidArgument,
                "\(SystemError("use the path \(path)", code: code)); check the path")
        case EEXIST:
            return OperationError(
                .alreadyExists, "cannot create \(path): it exists; choose another name")
        case EACCES, EPERM, EROFS:
            return OperationError(
                .permissionDenied,
                "\(SystemError("open \(path)", code: code)); change its mode or owner")
        case ENOSPC, EDQUOT, EMFILE, ENFILE:
            return OperationError(
                .resourceExhausted, "\(SystemError("open \(path)", code: code)); try again later")
        default:
            return OperationError(
                .internal, "\(SystemError("open \(path)", code: code)); check the path")
        }
    }

    /// The real path of what is at a path, anywhere; nil where there is nothing.
    private static func realPath(at path: String) -> String? {
        let result = Glibc.open(path, OwnedDescriptor.pathOnly | O_CLOEXEC)
        guard result >= 0 else { return nil }
        return realPath(of: OwnedDescriptor(owning: result))
    }

    /// Where an open file is now, as the kernel knows it; nil where it was removed.
    private static func realPath(of descriptor: borrowing OwnedDescriptor) -> String? {
        let link = "/proc/self/fd/\(descriptor.rawValue)"
        let bytes = [UInt8](unsafeUninitializedCapacity: Int(PATH_MAX) + 1) { buffer, count in
            count = buffer.withMemoryRebound(to: CChar.self) { characters in
                characters.baseAddress.map { max(0, readlink(link, $0, characters.count)) } ?? 0
            }
        }
        var now = stat()
        var then = stat()
        guard bytes.first == UInt8(ascii: "/"), bytes.count <= Int(PATH_MAX),
            let path = String(validating: bytes, as: UTF8.self),
            // "/path (deleted)" is what a removed file is called; another file may have that very name.
            lstat(path, &now) == 0, fstat(descriptor.rawValue, &then) == 0,
            now.st_dev == then.st_dev, now.st_ino == then.st_ino
        else { return nil }
        return path
    }
}

extension String {
    /// The part of an absolute path beneath a root, by whole components; "." for the root itself.
    fileprivate func path(beneath root: String) -> String? {
        guard hasPrefix(root) else { return nil }
        let rest = dropFirst(root.count)
        guard rest.isEmpty || rest.hasPrefix("/") else { return nil }
        let relative = rest.drop { $0 == "/" }
        return relative.isEmpty ? "." : String(relative)
    }
}
