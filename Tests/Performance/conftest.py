"""Fixtures: the program whose instructions are counted, built as a release."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from baseline import WAYS
from harness.places import ROOT
from instructions import Instructions, count_instructions


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record", action="store_true", help="record what is counted, and alarm nobody")


@pytest.fixture(scope="session")
def counted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Instructions]:
    """What one call takes, for each way to call."""
    if shutil.which("valgrind") is None:
        pytest.skip("no instructions counted: valgrind is missing; run `.ci/packages test`")
    build = ROOT / "Tests" / "Benchmarks" / "build"
    built = subprocess.run(
        [build, "echo-http2"], check=True, stdout=subprocess.PIPE, text=True
    ).stdout.strip()
    program = Path(built) / "echo-http2"
    return {
        way: count_instructions(program, tmp_path_factory.mktemp("callgrind"), options)
        for way, options in WAYS.items()
    }
