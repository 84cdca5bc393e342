import FoundationEssentials
import Glibc
import LinuxIO

/// A directory that is removed, with what is in it, when its owner is done with it.
struct TemporaryDirectory: ~Copyable {
    let path: String

    init() throws(SystemError) {
        var template = Array("/tmp/linuxio-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw SystemError("make a directory in /tmp") }
        path = String(cString: made)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }
}
