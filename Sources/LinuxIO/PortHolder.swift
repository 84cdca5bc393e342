private import Glibc

/// A process that listens on a port of this machine.
package struct PortHolder: Equatable, Sendable {
    /// The process.
    package let pid: Int32
    /// Its program's name.
    package let command: String

    /// Finds who listens on a TCP port (proc_net_tcp in the kernel's documentation).
    ///
    /// - Parameter port: The port.
    /// - Returns: `nil` if nobody listens, or only a process whose descriptors this user may not see.
    package static func find(listeningOn port: UInt16) -> PortHolder? {
        let inodes = inodes(listeningOn: port)
        guard !inodes.isEmpty else { return nil }
        let links = Set(inodes.map { "socket:[\($0)]" })
        for name in names(in: "/proc") {
            guard let pid = Int32(name) else { continue }
            let directory = "/proc/\(pid)/fd"
            if names(in: directory).contains(where: { links.contains(target(directory, $0)) }) {
                let command = readText("/proc/\(pid)/comm").split(separator: "\n").first
                return PortHolder(pid: pid, command: command.map(String.init) ?? "unknown")
            }
        }
        return nil
    }

    /// Whether somebody listens on a TCP port, whoever that is.
    ///
    /// - Parameter port: The port.
    /// - Returns: False too where the kernel's tables cannot be read.
    package static func isTaken(_ port: UInt16) -> Bool { !inodes(listeningOn: port).isEmpty }

    private static func inodes(listeningOn port: UInt16) -> [String] {
        ["/proc/net/tcp", "/proc/net/tcp6"].flatMap {
            listeningInodes(inTable: readText($0), port: port)
        }
    }

    /// The inodes of the sockets that listen on a port, from a table such as `/proc/net/tcp`.
    static func listeningInodes(inTable table: String, port: UInt16) -> [String] {
        table.split(separator: "\n").dropFirst().compactMap { line in
            let fields = line.split(separator: " ", omittingEmptySubsequences: true)
            guard fields.count > 9, fields[3] == "0A",  // TCP_LISTEN
                let local = fields[1].split(separator: ":").last,
                UInt16(local, radix: 16) == port
            else { return nil }
            return String(fields[9])
        }
    }

    private static func names(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
                name.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) {
                    String(cString: $0)
                }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }

    private static func target(_ directory: String, _ name: String) -> String {
        var buffer = [CChar](repeating: 0, count: 64)
        let length = readlink(directory + "/" + name, &buffer, buffer.count)
        let bytes = buffer.prefix(max(0, length)).map { UInt8(bitPattern: $0) }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func readText(_ path: String) -> String {
        // Files of /proc have no size: they are read to their end.
        guard let file = fopen(path, "re") else { return "" }
        defer { fclose(file) }
        var text: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 {
            text += chunk.prefix(count)
        }
        return String(decoding: text, as: UTF8.self)
    }
}
