"""Runs every suite of tests against the debug build, and says at the end what passed.

    .venv/bin/python Tests/run.py [SUITE]...

Suites: swift, c, peers, whole-system, soak, systemd, performance, fuzz, sanitizers; all of them where none is named.
A suite that ran no test has failed, unless it skipped them by name. Exit status 0 only if every test passed.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[1]
TESTS = ROOT / "Tests"
_COUNTS = re.compile(r"(\d+) passed, (\d+) failed(?:, (\d+) skipped)?")


@dataclass
class Counts:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped
        )

    def __str__(self) -> str:
        return f"{self.passed:>6} passed{self.failed:>6} failed{self.skipped:>6} skipped"


def swift(reports: Path) -> Counts:
    """The unit tests; `swift test` writes one report for each testing library."""
    report = reports / "swift.xml"
    # One after the other: a child that one test is just starting would hold copies of another's sockets.
    status = _run("swift", "test", "--skip-build", "--no-parallel", "--xunit-output", report)
    return _read_reports(reports.glob("swift*.xml"), status)


def c(_: Path) -> Counts:
    """The C source under sanitizers: one test, which its exit status is."""
    status = _run(TESTS / "CProcess" / "run")
    return Counts(passed=int(status == 0), failed=int(status != 0))


def peers(reports: Path) -> Counts:
    """The transport, against peers that others wrote and against such as break the rules."""
    return _pytest("Peers", reports)


def whole_system(reports: Path) -> Counts:
    """Real programs, called by a client that grpcio-tools generated."""
    return _pytest("Integration", reports)


def soak(_: Path) -> Counts:
    """A minute of agents and supervisors that are killed under load."""
    return _program(sys.executable, TESTS / "Soak" / "soak.py", "--seconds", "25", "--kills", "200")


def systemd(_: Path) -> Counts:
    """A real systemd."""
    return _program(TESTS / "Systemd" / "run")


def fuzz(_: Path) -> Counts:
    """A minute of the fuzzer, shared by its targets."""
    return _program(TESTS / "Fuzz" / "run", "60")


def sanitizers(_: Path) -> Counts:
    """The transport's unit tests under the address and the thread sanitizer: each is one test."""
    return _program(TESTS / "Sanitizers" / "run")


def performance(reports: Path) -> Counts:
    """The instructions that a call takes, beside those that were recorded."""
    return _pytest("Performance", reports)


SUITES: dict[str, Callable[[Path], Counts]] = {
    "swift": swift,
    "c": c,
    "peers": peers,
    "whole-system": whole_system,
    "soak": soak,
    "systemd": systemd,
    "performance": performance,
    "fuzz": fuzz,
    "sanitizers": sanitizers,
}


def _pytest(folder: str, reports: Path) -> Counts:
    report = reports / f"{folder}.xml"
    status = _run(sys.executable, "-m", "pytest", TESTS / folder, f"--junitxml={report}")
    return _read_reports([report], status)


def _program(*command: object) -> Counts:
    """A program whose last line says `N passed, N failed`, and perhaps `, N skipped`."""
    arguments = [str(each) for each in command]
    with subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        last = ""
        for line in process.stdout or ():
            print(line, end="", flush=True)
            last = line if line.strip() else last
    counts = _COUNTS.search(last)
    found = Counts(*map(int, counts.groups(default="0"))) if counts else Counts()
    return _at_least_one_failure(found, process.returncode)


def _run(*command: object) -> int:
    return subprocess.run([str(each) for each in command], cwd=ROOT).returncode


def _read_reports(reports: Iterable[Path], status: int) -> Counts:
    """Sums JUnit's XML up."""
    found = Counts()
    for report in reports:
        # A suite that crashed wrote none.
        suites = ElementTree.parse(report).getroot().iter("testsuite") if report.exists() else ()
        for suite in suites:
            tests, failed, skipped = (
                sum(int(suite.get(name, 0)) for name in names)
                for names in (("tests",), ("failures", "errors"), ("skipped",))
            )
            found += Counts(tests - failed - skipped, failed, skipped)
    return _at_least_one_failure(found, status)


def _at_least_one_failure(found: Counts, status: int) -> Counts:
    """A suite that ended badly, or ran nothing, has failed, whatever it counted."""
    ran_nothing = found.passed + found.skipped == 0
    if found.failed == 0 and (status != 0 or ran_nothing):
        found.failed = 1
    return found


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in SUITES]
    if unknown:
        print(f"cannot run {unknown[0]}: the suites are {', '.join(SUITES)}", file=sys.stderr)
        return 64
    total = Counts()
    lines = []
    with tempfile.TemporaryDirectory(prefix="op-agents-tests-") as reports:
        for name in names or SUITES:
            print(f"== {name}", flush=True)
            began = time.monotonic()
            counts = SUITES[name](Path(reports))
            took = time.monotonic() - began
            lines.append(f"{name:<14}{counts}{took:>8.1f} s")
            total += counts
    print("\n".join(["", *lines, f"{total.passed} passed, {total.failed} failed, {total.skipped} skipped"]))
    return 0 if total.failed == 0 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
