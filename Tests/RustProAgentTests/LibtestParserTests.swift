import Testing

@testable import RustProAgent

struct LibtestParserTests {
    private func report(of name: String) throws -> TestReport {
        try CapturedOutput(name).understood(as: .test).output.testReport
    }

    @Test func programsAndDocumentationTestsAreSummed() throws {
        let report = try report(of: "greeter-test")
        #expect(report.passed == 11)
        #expect(report.failed == 0)
        #expect(report.failures.isEmpty)
    }

    @Test(arguments: ["failing-test", "failing-test-backtrace", "failing-test-shown"])
    func failuresHaveMessagePlaceAndOutput(capture: String) throws {
        let report = try report(of: capture)
        #expect(report.passed == 4)
        #expect(report.failed == 5)
        #expect(report.ignored == 1)
        #expect(report.testsRun == 9)
        #expect(
            report.failures.map(\.name) == [
                "tests::adds_one_and_two", "tests::panics_too_little",
                "tests::panics_with_another_word", "tests::returns_an_error",
                "src/lib.rs - add (line 9)",
            ])
        #expect(
            report.failures.map(\.location) == [
                "src/lib.rs:29:9", "src/lib.rs:46:8", "src/lib.rs:53:9", "", "src/lib.rs:9",
            ])
        let messages = report.failures.map(\.message)
        #expect(
            messages[0] == """
                assertion `left == right` failed: one and two are three
                  left: 2
                 right: 3
                """)
        #expect(messages[1] == "test did not panic as expected at src/lib.rs:46:8")
        #expect(
            messages[2] == """
                panic did not contain expected string
                      panic message: "underflow"
                 expected substring: "overflow"
                """)
        #expect(messages[3] == "Error: ParseIntError { kind: InvalidDigit }")
        #expect(messages[4].hasPrefix("assertion `left == right` failed\n  left: 9\n right: 6"))
        #expect(report.failures[0].stdout.hasPrefix("adding 1 and 2\nand saying so\n"))
    }

    @Test func panicsAreFoundWhereTestsAreNotCaptured() throws {
        let report = try report(of: "failing-test-uncaptured")
        #expect(report.passed == 4)
        #expect(report.failed == 5)
        let failure = try #require(report.failures.first)
        #expect(failure.name == "tests::adds_one_and_two")
        #expect(failure.location == "src/lib.rs:29:9")
        #expect(
            failure.message.hasPrefix("assertion `left == right` failed: one and two are three"))
    }

    @Test func quietRunsAreCounted() throws {
        let report = try report(of: "failing-test-quiet")
        #expect(report.passed == 4)
        #expect(report.failed == 5)
        #expect(report.failures.first?.location == "src/lib.rs:29:9")
    }

    @Test func testsLeftOutByAFilterAreNotRun() throws {
        let report = try report(of: "failing-test-filtered")
        #expect(report.testsRun == 0)
        #expect(report.filteredOut == 8)
    }

    @Test func aProgramThatAbortsIsAFailure() throws {
        let report = try report(of: "aborting-test")
        #expect(report.passed == 2)
        #expect(report.failed == 1)
        let failure = try #require(report.failures.first)
        #expect(failure.name == "(test program)")
        #expect(failure.message.contains("1 of 3 tests were over"))
        #expect(failure.message.contains("SIGABRT"))
    }

    @Test func theTestThatAbortsIsNamedWhereTestsRunOneByOne() throws {
        let report = try report(of: "aborting-test-serial")
        #expect(report.failures.map(\.name) == ["tests::b_aborts"])
    }

    @Test func aTestThatPrintsLikeATestProgramDeceivesNobody() throws {
        let report = try report(of: "lying-test")
        #expect(report.passed == 0)
        #expect(report.failed == 1)
        let failure = try #require(report.failures.first)
        #expect(failure.name == "tests::prints_like_a_test_program")
        #expect(failure.message == "a line\nand another")
        #expect(failure.stdout.contains("99 passed"))
    }

    @Test func panicsOfOlderCompilersAreRead() {
        let panic = PanicMessage(
            firstLine: "thread 'tests::a' panicked at 'it's over', src/lib.rs:3:5")
        #expect(panic?.thread == "tests::a")
        #expect(panic?.message == "it's over")
        #expect(panic?.location == "src/lib.rs:3:5")
    }
}
