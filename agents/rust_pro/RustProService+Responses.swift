internal import AgentAPI
internal import AgentRuntime

// The results of operations as messages.

extension Op_Agents_V1_RustProCargoResult {
    init(_ result: OperationResult, duration: Duration) {
        self.init()
        success = result.success
        exitCode = result.exitCode ?? 0
        errors = result.fields.count("errors")
        warnings = result.fields.count("warnings")
        diagnostics = result.fields.objects("diagnostics").map(Op_Agents_V1_RustProDiagnostic.init)
        summary = result.summary
        durationMs = UInt64(duration / .milliseconds(1))
        if result.fields["tests_run"] != nil {
            tests = Op_Agents_V1_RustProTestCounts(result.fields)
        }
    }
}

extension Op_Agents_V1_RustProDiagnostic {
    fileprivate init(_ fields: [String: JSONValue]) {
        self.init()
        level =
            switch fields.text("level") {
            case "error": .error
            case "warning": .warning
            case "note": .note
            case "help": .help
            default: .unspecified
            }
        code = fields.text("code")
        file = fields.text("file")
        line = fields.count("line")
        column = fields.count("column")
        message = fields.text("message")
        suggestion = fields.text("suggestion")
    }
}

extension Op_Agents_V1_RustProTestCounts {
    fileprivate init(_ fields: [String: JSONValue]) {
        self.init()
        passed = fields.count("passed")
        failed = fields.count("failed")
        ignored = fields.count("ignored")
        testsRun = fields.count("tests_run")
        failures = fields.objects("failures").map(Op_Agents_V1_RustProTestFailure.init)
    }
}

extension Op_Agents_V1_RustProTestFailure {
    fileprivate init(_ fields: [String: JSONValue]) {
        self.init()
        name = fields.text("name")
        message = fields.text("message")
        location = fields.text("location")
        stdout = fields.text("stdout")
    }
}

extension Op_Agents_V1_RustProFmtResponse {
    init(_ result: OperationResult) {
        self.init()
        success = result.success
        diff = result.fields.text("diff")
        summary = result.summary
    }
}

extension Op_Agents_V1_RustProVersionResponse {
    init(_ result: OperationResult) {
        self.init()
        if let tool = result.fields.tool("rustc") { rustc = tool }
        if let tool = result.fields.tool("cargo") { cargo = tool }
        if let tool = result.fields.tool("clippy") { clippy = tool }
        if let tool = result.fields.tool("rustfmt") { rustfmt = tool }
    }
}

extension [String: JSONValue] {
    fileprivate func text(_ name: String) -> String {
        guard case .string(let value) = self[name] else { return "" }
        return value
    }

    fileprivate func count(_ name: String) -> UInt32 {
        guard case .int(let value) = self[name] else { return 0 }
        return UInt32(clamping: value)
    }

    fileprivate func objects(_ name: String) -> [[String: JSONValue]] {
        guard case .array(let elements) = self[name] else { return [] }
        return elements.compactMap { element in
            guard case .object(let fields) = element else { return nil }
            return fields
        }
    }

    fileprivate func tool(_ name: String) -> Op_Agents_V1_RustProTool? {
        guard case .object(let fields) = self[name] else { return nil }
        var tool = Op_Agents_V1_RustProTool()
        tool.version = fields.text("version")
        tool.path = fields.text("path")
        return tool
    }
}
