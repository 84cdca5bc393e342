private import Glibc

/// The first thing on a path that keeps this process from executing or entering what it names.
///
/// Reasons call the file at the path's end "it", since whoever tells them has named it; remedies are
/// for an agent's program.
struct PathObstacle: Equatable {
    /// ST_NOEXEC of statvfs(3), which the header hides behind _GNU_SOURCE.
    private static let mountedNoExec: UInt = 8

    enum Purpose {
        case execution
        case entering
    }

    var reason: String
    var remedy: String

    /// Walks the path from its root.
    ///
    /// - Returns: Nil where nothing is in the way.
    static func find(on path: String, for purpose: Purpose) -> PathObstacle? {
        guard !path.isEmpty else {
            return PathObstacle(
                reason: "its path is empty", remedy: "name a program in the agent's exec")
        }
        var position = path.startIndex
        while let slash = path[position...].dropFirst().firstIndex(of: "/") {
            let directory = String(path[..<slash])
            if let obstacle = directoryObstacle(directory) { return obstacle }
            position = slash
        }
        switch purpose {
        case .entering: return directoryObstacle(path)
        case .execution: return fileObstacle(path)
        }
    }

    private static func directoryObstacle(_ path: String) -> PathObstacle? {
        var status = stat()
        guard stat(path, &status) == 0 else {
            return absence(of: "the directory \(path)", at: path, code: errno)
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            return PathObstacle(
                reason: "\(path) is not a directory", remedy: "correct the agent's exec")
        }
        // Asked for the effective user, as execve and chdir do.
        guard faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) != 0 else { return nil }
        return PathObstacle(
            reason: "\(user()) may not search the directory \(path) (\(access(status)))",
            remedy: "run chmod a+x \(path) or install the program elsewhere")
    }

    private static func fileObstacle(_ path: String) -> PathObstacle? {
        var status = stat()
        guard stat(path, &status) == 0 else { return absence(of: "it", at: path, code: errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            return PathObstacle(
                reason: "it is not a file but \(kind(status))",
                remedy: "name a program in the agent's exec")
        }
        guard faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) != 0 else { return nil }
        var system = statvfs()
        if statvfs(path, &system) == 0, system.f_flag & mountedNoExec != 0 {
            return PathObstacle(
                reason: "it lies on a file system that is mounted noexec",
                remedy: "install the program elsewhere or remount with exec")
        }
        return PathObstacle(
            reason: "\(user()) may not execute it (\(access(status)))",
            remedy: "run chmod a+x \(path)")
    }

    private static func absence(of what: String, at path: String, code: CInt) -> PathObstacle {
        if code == ELOOP {
            return PathObstacle(
                reason: "\(what) is a symbolic link in a circle", remedy: "correct the link")
        }
        if let target = linkTarget(path) {
            return PathObstacle(
                reason: "\(what) is a symbolic link to \(target), which does not exist",
                remedy: "install what it points to, or correct the link")
        }
        guard code == ENOENT else {
            return PathObstacle(
                reason: "\(what) cannot be looked at: \(SpawnDiagnosis.text(code))",
                remedy: "correct the agent's exec")
        }
        return PathObstacle(
            reason: "\(what) does not exist",
            remedy: "install the program or name another in the agent's exec")
    }

    private static func linkTarget(_ path: String) -> String? {
        var target = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = readlink(path, &target, target.count)
        guard length >= 0 else { return nil }
        return String(decoding: target.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func kind(_ status: stat) -> String {
        switch status.st_mode & S_IFMT {
        case S_IFDIR: "a directory"
        case S_IFSOCK: "a socket"
        case S_IFIFO: "a pipe"
        default: "a device"
        }
    }

    /// `mode 0640, owner root:adm`.
    private static func access(_ status: stat) -> String {
        let mode = String(status.st_mode & 0o7777, radix: 8)
        let padding = String(repeating: "0", count: max(0, 4 - mode.count))
        let owner = "\(Account.name(ofUser: status.st_uid)):\(Account.name(ofGroup: status.st_gid))"
        return "mode \(padding)\(mode), owner \(owner)"
    }

    private static func user() -> String { "user \(Account.name(ofUser: geteuid()))" }
}
