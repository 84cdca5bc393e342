/// What `doctor` found, a line for each finding and one for each remedy.
enum FindingsView {
    /// The lines to show.
    ///
    /// - Parameters:
    ///   - findings: The findings, those of a subject together.
    ///   - palette: Paints the verdicts.
    /// - Returns: The findings, and how many of them are bad.
    static func lines(_ findings: [Finding], _ palette: Palette) -> [String] {
        let width = findings.map(\.subject.count).max() ?? 0
        var lines: [String] = []
        for finding in findings {
            let verdict = finding.verdict.rawValue
            let name = finding.subject.printable
            lines.append(
                palette.paint(verdict, style(finding.verdict))
                    + String(repeating: " ", count: 9 - verdict.count) + name
                    + String(repeating: " ", count: width - name.count + 2)
                    + finding.message.printable)
            if let remedy = finding.remedy {
                lines.append(
                    String(repeating: " ", count: width + 11) + "-> \(remedy.printable)")
            }
        }
        let report = DoctorReport(findings)
        return lines + ["", "\(report.errors) errors, \(report.warnings) warnings"]
    }

    private static func style(_ verdict: Finding.Verdict) -> Palette.Style {
        switch verdict {
        case .ok: .good
        case .warning: .changing
        case .error: .bad
        }
    }
}
