/// Where the control groups of version 2 are to be found (cgroups(7)).
///
/// They are mounted at /sys/fs/cgroup where there is no other version, at /sys/fs/cgroup/unified beside
/// version 1, or elsewhere.
enum CgroupMounts {
    /// Finds the directory of a process's control group.
    ///
    /// - Parameters:
    ///   - membership: /proc/pid/cgroup: a line for each hierarchy, of which version 2 has `0::/its/path`.
    ///   - mounts: /proc/self/mountinfo (proc(5)).
    /// - Returns: Its path; nil where version 2 is not mounted, or no mount shows this control group.
    static func directory(membership: String, mounts: String) -> String? {
        let line = membership.split(separator: "\n").first { $0.hasPrefix("0::/") }
        // Seen from a namespace that it is not in, it lies above the root: `/../other`.
        guard let path = line?.dropFirst(3), !path.hasPrefix("/..") else { return nil }
        return mounts.split(separator: "\n").lazy.compactMap { mount in
            directory(of: path, in: mount)
        }.first
    }

    /// The directory of a path of the hierarchy, if a mount shows it.
    private static func directory(of path: Substring, in mount: Substring) -> String? {
        // id, parent, device, root, mount point, options, optional fields, "-", type, source, options
        let fields = mount.split(separator: " ")
        guard fields.count > 5, let separator = fields[5...].firstIndex(of: "-"),
            fields.indices.contains(separator + 1), fields[separator + 1] == "cgroup2"
        else { return nil }
        let (root, point) = (unescaped(fields[3]), unescaped(fields[4]))
        if root == path { return point }
        let prefix = root == "/" ? "/" : root + "/"
        guard path.hasPrefix(prefix) else { return nil }
        return "\(point)/\(path.dropFirst(prefix.count))"
    }

    /// A path as it is: blanks and backslashes are written as `\040`, in octal.
    private static func unescaped(_ field: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(field.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = String(decoding: rest.prefix(3), as: UTF8.self)
            if byte == UInt8(ascii: "\\"), let code = UInt8(digits, radix: 8) {
                bytes.append(code)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
