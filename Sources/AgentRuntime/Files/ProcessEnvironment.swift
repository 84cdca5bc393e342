private import Glibc

/// What this process was started with.
package enum ProcessEnvironment {
    /// The environment variables.
    package static func variables() -> [String: String] {
        var variables: [String: String] = [:]
        var next = environ
        while let entry = next.pointee {
            let text = String(cString: entry)
            if let equals = text.firstIndex(of: "=") {
                variables[String(text[..<equals])] = String(text[text.index(after: equals)...])
            }
            next += 1
        }
        return variables
    }

    /// The home directory: `HOME`, else what the user database says, else "/".
    package static func homeDirectory(_ variables: [String: String]) -> String {
        if let home = variables["HOME"], home.hasPrefix("/") { return home }
        guard let entry = getpwuid(getuid()), let directory = entry.pointee.pw_dir else {
            return "/"
        }
        return String(cString: directory)
    }

    /// The directory that relative paths start from.
    package static func currentDirectory() -> String {
        guard let path = getcwd(nil, 0) else { return "/" }
        defer { free(path) }
        return String(cString: path)
    }
}
