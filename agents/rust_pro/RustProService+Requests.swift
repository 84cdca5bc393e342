internal import AgentAPI
internal import AgentRuntime

// Requests as the arguments of operations. What a request leaves at its default is left out, so that the operation's
// default holds.

extension Op_Agents_V1_RustProCargoRequest {
    var arguments: [String: JSONValue] {
        var arguments: [String: JSONValue] = [:]
        arguments.set("path", path)
        arguments.set("package", package)
        arguments.set("features", features)
        arguments.set("all_features", allFeatures)
        arguments.set("release", release)
        arguments.set("all_targets", allTargets)
        arguments.set("fix", fix)
        arguments.set("args", args)
        if !env.isEmpty { arguments["env"] = .object(env.mapValues(JSONValue.string)) }
        if timeoutSecs != 0 { arguments["timeout_secs"] = .int(Int64(timeoutSecs)) }
        return arguments
    }
}

extension Op_Agents_V1_RustProTestRequest {
    var arguments: [String: JSONValue] {
        var arguments = cargo.arguments
        arguments.set("filter", filter)
        arguments.set("no_run", noRun)
        return arguments
    }
}

extension Op_Agents_V1_RustProRunRequest {
    var arguments: [String: JSONValue] {
        var arguments = cargo.arguments
        arguments.set("bin", bin)
        arguments.set("example", example)
        arguments.set("stdin", stdin)
        return arguments
    }
}

extension Op_Agents_V1_RustProFmtRequest {
    var arguments: [String: JSONValue] {
        var arguments: [String: JSONValue] = [:]
        arguments.set("path", path)
        if hasCheck { arguments["check"] = .bool(check) }
        return arguments
    }
}

extension Op_Agents_V1_RustProVersionRequest {
    var arguments: [String: JSONValue] {
        var arguments: [String: JSONValue] = [:]
        arguments.set("path", path)
        return arguments
    }
}

extension [String: JSONValue] {
    fileprivate mutating func set(_ name: String, _ value: String) {
        if !value.isEmpty { self[name] = .string(value) }
    }

    fileprivate mutating func set(_ name: String, _ value: Bool) {
        if value { self[name] = true }
    }

    fileprivate mutating func set(_ name: String, _ value: [String]) {
        if !value.isEmpty { self[name] = .array(value.map(JSONValue.string)) }
    }
}
