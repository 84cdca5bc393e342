import AgentManifest

/// Who may call the fleet, and so run code as its user.
struct CallersCheck: Check {
    let allowed: AllowedAccounts

    func findings() -> [Finding] {
        let users = allowed.users.sorted().map { "user \($0)" }
        let groups = allowed.groups.sorted().map { "the members of group \($0)" }
        let all = ["root", "the fleet's own user"] + users + groups
        return [.ok("callers", all.joined(separator: ", "))]
    }
}
