internal import Glibc

/// When something in the file system changed, as the kernel stamps it.
struct FileTime: Sendable, Hashable, Comparable {
    var seconds: Int
    var nanoseconds: Int

    /// The kernel's coarse clock: nothing that changes from now on is stamped with an earlier time, and what changed a
    /// moment ago may have a later one.
    static var now: FileTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME_COARSE, &time)
        return FileTime(time)
    }

    init(_ time: timespec) {
        seconds = time.tv_sec
        nanoseconds = time.tv_nsec
    }

    static func < (left: FileTime, right: FileTime) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }
}

/// The files that a project is built from.
struct SourceTree {
    /// A larger tree counts as changed: to look through it takes longer than it saves.
    private static let mostEntries = 20_000

    private let root: String

    /// Creates a tree.
    ///
    /// - Parameter directory: The project's.
    init(_ directory: String) {
        root = directory
    }

    /// Whether something was changed, added or removed, apart from hidden files and what is built.
    ///
    /// - Parameter start: Changes at that very moment count.
    /// - Returns: True also where it cannot be told.
    func hasChanged(since start: FileTime) -> Bool {
        var directories = [root]
        var seen = 0
        while let directory = directories.popLast() {
            guard let stream = opendir(directory) else { return true }
            defer { closedir(stream) }
            while let entry = readdir(stream) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
                    name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                // "." stands for the directory itself: its time tells of additions and removals.
                let isHidden = name.hasPrefix(".") && name != "."
                if isHidden || name == "target" { continue }
                seen += 1
                var status = stat()
                guard seen <= Self.mostEntries,
                    fstatat(dirfd(stream), name, &status, AT_SYMLINK_NOFOLLOW) == 0
                else { return true }
                let changed = max(FileTime(status.st_mtim), FileTime(status.st_ctim))
                // The first build of a project adds "target" and "Cargo.lock", which is no change of its sources.
                let isOwn = name == "." && directory == root || name == "Cargo.lock"
                if changed >= start, !isOwn { return true }
                if status.st_mode & S_IFMT == S_IFDIR, name != "." {
                    directories.append("\(directory)/\(name)")
                }
            }
        }
        return false
    }
}
