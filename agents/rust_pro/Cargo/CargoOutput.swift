internal import AgentRuntime

/// Understands what cargo writes, as it writes it, and says what of it is passed on.
///
/// Until the build is over standard output holds messages, of which the rendered diagnostics belong to standard
/// error, where cargo would have shown them. After it standard output is that of the programs that cargo runs, and
/// passed on as it is.
struct CargoOutput: Sendable {
    /// Something that is passed on.
    struct Piece: Sendable, Hashable {
        var bytes: [UInt8]
        var stream: OutputStream
    }

    /// The longest line that is passed on in one piece, so that its chunk stays under 64 KiB even where every byte of
    /// it has to be replaced.
    private static let longestLine = 16 * 1024
    /// The longest message of cargo.
    private static let longestMessage = 16 * 1024 * 1024

    let subcommand: CargoSubcommand
    /// Leave the colours of diagnostics in.
    let keepsColor: Bool

    private(set) var diagnostics = DiagnosticCollection()
    /// What the test programs said; complete after ``finish()``.
    var testReport: TestReport { tests.report }
    /// Whether the build succeeded; nil while it runs, and where cargo failed before it.
    private(set) var isBuilt: Bool?
    /// What cargo itself had to say before or beside the compiler, without "error: ".
    private(set) var cargoErrors: [String] = []

    private var tests = LibtestParser()
    private var stdout = LineBuffer(endsAtCarriageReturn: false)
    private var stderr = LineBuffer(endsAtCarriageReturn: true)
    private var progress: CargoProgress?
    /// The hashes of diagnostics that were shown.
    private var shown: Set<Int> = []
    /// Reading the explanation of an error of cargo.
    private var isInError = false

    init(of subcommand: CargoSubcommand, keepsColor: Bool) {
        self.subcommand = subcommand
        self.keepsColor = keepsColor
    }

    /// Takes what cargo wrote.
    ///
    /// - Returns: What is passed on now.
    mutating func receive(_ bytes: [UInt8], from stream: ProgramStream) -> [Piece] {
        var pieces: [Piece] = []
        switch stream {
        case .stdout:
            stdout.append(bytes)
            while let line = stdout.next(
                longest: isBuilt == nil ? Self.longestMessage : Self.longestLine)
            {
                pieces += receive(stdout: line)
            }
        case .stderr:
            stderr.append(bytes)
            while let line = stderr.next(longest: Self.longestLine) {
                pieces += receive(stderr: line)
            }
        }
        return pieces
    }

    /// Takes the end of the output.
    ///
    /// - Returns: What is passed on last.
    mutating func finish() -> [Piece] {
        var pieces: [Piece] = []
        if let rest = stdout.rest() { pieces += receive(stdout: rest) }
        if let rest = stderr.rest() { pieces += receive(stderr: rest) }
        return pieces
    }

    private mutating func receive(stdout line: ArraySlice<UInt8>) -> [Piece] {
        if isBuilt == nil, let message = CargoMessage.parse(line) { return receive(message) }
        if subcommand == .test { tests.receive(stdout: line.text) }
        return [Piece(bytes: Array(line), stream: .stdout)]
    }

    private mutating func receive(_ message: CargoMessage) -> [Piece] {
        switch message.reason {
        case .compilerMessage:
            return message.message.map { receive($0) } ?? []
        case .buildFinished:
            isBuilt = message.success ?? false
            guard isBuilt == true, let total = progress?.total else { return [] }
            return show(CargoProgress(done: total, total: total, current: ""))
        case .compilerArtifact, .buildScriptExecuted:
            return []
        }
    }

    /// Takes a diagnostic.
    ///
    /// One that a crate has as a library and as a test comes twice, and is shown once.
    private mutating func receive(_ message: CompilerMessage) -> [Piece] {
        let text = message.rendered ?? ""
        guard shown.insert((message.rendered ?? message.message).hashValue).inserted else {
            return []
        }
        if let diagnostic = Diagnostic(message) { diagnostics.add(diagnostic) }
        let visible = keepsColor ? text : TerminalEscapes.removed(from: text)
        var lines = LineBuffer(endsAtCarriageReturn: false)
        lines.append(Array(visible.utf8))
        var pieces: [Piece] = []
        while let line = lines.next(longest: Self.longestLine) ?? lines.rest() {
            pieces.append(Piece(bytes: Array(line), stream: .stderr))
        }
        return pieces
    }

    private mutating func receive(stderr line: ArraySlice<UInt8>) -> [Piece] {
        let text = line.text
        if line.last == UInt8(ascii: "\r") {
            // Bars may still come when the last message has been read.
            if let bar = CargoProgress(bar: TerminalEscapes.removed(from: text)) {
                return show(bar)
            }
            // What else is drawn over before the build is cargo's: how much is downloaded.
            if isBuilt == nil { return [] }
        }
        if isBuilt == nil {
            note(cargoLine: TerminalEscapes.removed(from: text))
        } else if subcommand == .test {
            tests.receive(stderr: text)
        }
        return [Piece(bytes: Array(line), stream: .stderr)]
    }

    private mutating func show(_ next: CargoProgress) -> [Piece] {
        let isLate = isBuilt != nil && next.done < progress?.done ?? 0
        guard next != progress, !isLate else { return [] }
        progress = next
        return [Piece(bytes: Array(next.text.utf8), stream: .progress)]
    }

    /// Keeps cargo's own errors, with their causes: `error: failed to parse manifest at ...`.
    private mutating func note(cargoLine line: String) {
        let prefix = "error: "
        if line.hasPrefix(prefix) {
            // This one only counts the errors of the compiler.
            isInError = !line.hasPrefix("error: could not compile ")
            if isInError { cargoErrors.append(String(line.dropFirst(prefix.count))) }
        } else if isInError, line.hasPrefix("  "), let last = cargoErrors.indices.last {
            cargoErrors[last] += ": " + line.drop { $0 == " " }
        } else if !line.isEmpty, line != "Caused by:" {
            isInError = false
        }
    }
}

extension ArraySlice<UInt8> {
    /// The line without its ending, as text.
    fileprivate var text: String {
        let endings = [UInt8(ascii: "\n"), UInt8(ascii: "\r")]
        let length = reversed().prefix(2).prefix { endings.contains($0) }.count
        return String(decoding: dropLast(length), as: UTF8.self)
    }
}
