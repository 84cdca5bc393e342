import AgentRuntime
import Testing

@testable import RustProAgent

struct CargoOutputTests {
    @Test(arguments: [1, 7, 4096, 1 << 20])
    func errorsComeFirstAndHaveTheirPlaces(pieceLength: Int) throws {
        let (output, _) = try CapturedOutput("broken-build")
            .understood(as: .build, pieceLength: pieceLength)
        #expect(output.isBuilt == false)
        #expect(output.diagnostics.errors == 2)
        #expect(output.diagnostics.warnings == 2)
        #expect(output.diagnostics.omitted == 0)
        #expect(output.cargoErrors.isEmpty)
        #expect(
            output.diagnostics.worst == [
                Diagnostic(
                    level: .error, code: "E0425", file: "src/main.rs", line: 4, column: 15,
                    message: "cannot find type `Strng` in this scope",
                    suggestion: "a struct with a similar name exists: `String`"),
                Diagnostic(
                    level: .error, code: "E0308", file: "src/main.rs", line: 5, column: 26,
                    message: "mismatched types",
                    suggestion: "try using a conversion method: `.to_string()`"),
                Diagnostic(
                    level: .warning, code: "unused_imports", file: "src/lib.rs", line: 3, column: 5,
                    message: "unused import: `std::collections::HashMap`",
                    suggestion: "remove the whole `use` item"),
                Diagnostic(
                    level: .warning, code: "unused_variables", file: "src/lib.rs", line: 7,
                    column: 9,
                    message: "unused variable: `unused`",
                    suggestion: "if this is intentional, prefix it with an underscore: `_unused`"),
            ])
    }

    @Test func diagnosticsAreShownAsCargoWouldHave() throws {
        let (_, pieces) = try CapturedOutput("broken-build").understood(as: .build)
        #expect(pieces.text(.stdout).isEmpty)
        let errors = pieces.text(.stderr)
        #expect(errors.contains("error[E0308]: mismatched types\n --> src/main.rs:5:26\n"))
        #expect(errors.contains("   Compiling broken v0.1.0 (/home/ada/broken)\n"))
        #expect(errors.contains("error: could not compile `broken`"))
        #expect(!errors.contains("\u{1b}"))
        #expect(!errors.contains("Building"))
        for piece in pieces where piece.stream == .stderr {
            #expect(piece.bytes.last == UInt8(ascii: "\n"))
            #expect(piece.bytes.filter { $0 == UInt8(ascii: "\n") }.count == 1)
        }
    }

    @Test func coloursAreKeptWhereAskedFor() throws {
        let (output, pieces) = try CapturedOutput("broken-build")
            .understood(as: .build, keepsColor: true)
        #expect(pieces.text(.stderr).contains("\u{1b}[1m"))
        for diagnostic in output.diagnostics.worst {
            #expect(!"\(diagnostic)".contains("\u{1b}"))
        }
    }

    @Test func theBarBecomesProgress() throws {
        let output = try CapturedOutput("greeter-build")
        // As it was: the last message comes after the bar.
        var reader = CargoOutput(of: .build, keepsColor: false)
        var pieces = reader.receive(output.stderr, from: .stderr)
        pieces += reader.receive(output.stdout, from: .stdout)
        #expect(reader.isBuilt == true)
        #expect(
            pieces.filter { $0.stream == .progress }.map {
                String(decoding: $0.bytes, as: UTF8.self)
            } == [
                "0/3 greeter-words", "0/3 greeter-words, greeter", "1/3 greeter-words",
                "2/3 greet(bin)", "3/3",
            ])
        #expect(!pieces.text(.stderr).contains("Building"))
        #expect(pieces.text(.stderr).hasPrefix("   Compiling greeter-words v0.1.0"))
    }

    @Test func theProgramsOutputIsPassedOnAsItIs() {
        let message = #"{"reason":"build-finished","success":true}"# + "\n"
        let program =
            "\u{1b}[31mred\u{1b}[0m\n{\"reason\":\"build-finished\",\"success\":false}\nno end"
        var output = CargoOutput(of: .run, keepsColor: false)
        var pieces = output.receive(Array((message + program).utf8), from: .stdout)
        pieces += output.finish()
        #expect(pieces.text(.stdout) == program)
        #expect(output.isBuilt == true)
    }

    @Test func oneDiagnosticOfTwoTargetsIsCountedOnce() throws {
        let (output, _) = try CapturedOutput("macro-check").understood(as: .check)
        let messages = output.diagnostics.worst.map(\.message)
        #expect(messages.count == Set(messages).count)
        #expect(output.diagnostics.errors == 2)
    }

    @Test func anErrorInAMacroIsInTheSources() throws {
        let (output, _) = try CapturedOutput("macro-check").understood(as: .check)
        for diagnostic in output.diagnostics.worst { #expect(diagnostic.file == "src/lib.rs") }
    }

    @Test func whatCargoItselfRefusesIsKeptWithItsCause() throws {
        let (output, _) = try CapturedOutput("bad-manifest").understood(as: .build)
        #expect(output.isBuilt == nil)
        #expect(
            output.cargoErrors == [
                "failed to parse manifest at `/home/ada/aborting/Cargo.toml`: failed to parse the `edition` key: "
                    + "supported edition values are `2015`, `2018`, `2021`, or `2024`, but `1999` is unknown"
            ])
    }

    @Test func veryLongLinesComeInPieces() {
        var output = CargoOutput(of: .run, keepsColor: false)
        _ = output.receive(
            Array(#"{"reason":"build-finished","success":true}"#.utf8) + [10], from: .stdout)
        let text = String(repeating: "é", count: 100_000)
        var pieces = output.receive(Array(text.utf8), from: .stdout)
        pieces += output.finish()
        #expect(pieces.text(.stdout) == text)
        #expect(pieces.count > 10)
        for piece in pieces {
            #expect(piece.bytes.count <= 16 * 1024)
            #expect(String(validating: piece.bytes, as: UTF8.self) != nil)
        }
    }
}
