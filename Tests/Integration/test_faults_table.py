"""The table of faults and the tests of faults say the same."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from harness.places import ROOT

TABLE = ROOT / "Sources/SupervisorRuntime/SupervisorRuntime.docc/Faults.md"


def rows() -> list[str]:
    """The first cells of the table, as the names of functions."""
    cells = re.findall(r"^\| ([^|]+) \|", TABLE.read_text(), re.MULTILINE)
    assert cells[0] == "the agent"
    return [re.sub(r"\W+", "_", cell.lower()) for cell in cells[1:]]


def tests() -> list[str]:
    functions = []
    for path in sorted(Path(__file__).parent.glob("test_faults_of_*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                functions.append(node.name.removeprefix("test_"))
    return functions


def test_each_row_has_a_test_and_each_test_a_row() -> None:
    assert sorted(rows()) == sorted(tests())
