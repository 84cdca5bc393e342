/// What `doctor --json` prints, for programs.
struct DoctorReport: Encodable {
    var errors: Int
    var warnings: Int
    var findings: [Finding]

    /// Counts the findings.
    ///
    /// - Parameter findings: The findings.
    init(_ findings: [Finding]) {
        errors = findings.count { $0.verdict == .error }
        warnings = findings.count { $0.verdict == .warning }
        self.findings = findings
    }
}
