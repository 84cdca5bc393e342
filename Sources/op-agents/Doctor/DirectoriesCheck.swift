import AgentManifest
import Glibc

/// Whether the fleet's directories are its own, and nobody else's to change.
struct DirectoriesCheck: Check {
    /// What a directory is for.
    enum Purpose: Equatable, Sendable {
        /// The fleet's own: nobody else may even look into it.
        case own
        /// Read by the fleet, which does what it says.
        case configuration
    }

    /// A directory or file as it is found.
    struct Place: Equatable, Sendable {
        let path: String
        let purpose: Purpose
        /// Its permission bits; `nil` where nothing is there.
        let mode: UInt32?
        let owner: UInt32
    }

    let places: [Place]
    /// Who the fleet runs as.
    let user: UInt32

    func findings() -> [Finding] { places.map(finding) }

    private func finding(_ place: Place) -> Finding {
        guard let mode = place.mode else {
            return .ok("directories", "\(place.path) is not there yet")
        }
        let octal = "0" + String(mode, radix: 8)
        if mode & 0o022 != 0 {
            let danger =
                place.purpose == .own
                ? "the fleet does not keep state there" : "they decide what the fleet runs"
            return .error(
                "directories", "\(place.path) can be changed by others (\(octal)): \(danger)",
                remedy: "chmod go-w \(ShellWord.quoted(place.path))")
        }
        let mayOwn = place.purpose == .own ? [user] : [user, 0]
        guard mayOwn.contains(place.owner) else {
            return .error(
                "directories",
                "\(place.path) belongs to user \(place.owner), and the fleet runs as user \(user)",
                remedy:
                    "chown \(user) \(ShellWord.quoted(place.path)), or run the fleet as its owner")
        }
        if place.purpose == .own, mode & 0o077 != 0 {
            return .warning(
                "directories", "\(place.path) can be read by others (\(octal))",
                remedy: "chmod 0700 \(ShellWord.quoted(place.path))")
        }
        return .ok("directories", "\(place.path) (\(octal))")
    }
}

extension DirectoriesCheck {
    /// Looks at the directories of the supervisor that runs, else of one that this user would start.
    init(_ surroundings: Surroundings) {
        var places: [(String, Purpose)] = []
        if let configuration = try? surroundings.configuration.get() {
            let directories = configuration.supervisor.directories
            places = [(directories.state, .own), (directories.runtime, .own)]
            if let file = configuration.file { places.append((file, .configuration)) }
        }
        places.append(("/etc/op-dbus", .configuration))
        places.append((FleetConfigurationLoader.localManifestDirectory, .configuration))
        self.places = places.map { path, purpose in
            let found = FileFacts(path)
            return Place(
                path: path, purpose: purpose, mode: found?.mode, owner: found?.owner ?? 0)
        }
        user = surroundings.userID
    }
}
