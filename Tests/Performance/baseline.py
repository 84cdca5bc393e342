"""What was recorded, and what is allowed."""

from __future__ import annotations

import json
import platform
import re
import subprocess
from dataclasses import asdict
from pathlib import Path

from instructions import Instructions

_FILE = Path(__file__).with_name("baseline.json")

# The options of `count` for each way to call that is watched.
WAYS: dict[str, list[str]] = {
    "unary, 32 bytes": ["size=32", "caller=loop"],
    "unary, 64 KiB": ["size=65536", "caller=loop"],
    "direct unary, 32 bytes": ["size=32", "caller=direct"],
}
# So much more than recorded is an alarm.
TOLERANCE = 0.10


def machine() -> dict[str, str]:
    """What counts depend on besides this repository."""
    version = subprocess.run(
        ["swift", "--version"], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ).stdout
    swift = re.search(r"Swift version (\S+)", version)
    return {"architecture": platform.machine(), "swift": swift[1] if swift else "unknown"}


def recorded_on() -> dict[str, str]:
    """The machine of the recorded counts."""
    return _read()["machine"]


def recorded(way: str) -> Instructions:
    """The recorded counts of a way to call; KeyError where there are none."""
    return Instructions(**_read()["instructions"][way])


def record(counted: dict[str, Instructions]) -> None:
    """Makes counts of this machine the recorded ones."""
    baseline = {
        "machine": machine(),
        "instructions": {way: asdict(instructions) for way, instructions in counted.items()},
    }
    _FILE.write_text(json.dumps(baseline, indent=2) + "\n")


def _read() -> dict:
    return json.loads(_FILE.read_text())
