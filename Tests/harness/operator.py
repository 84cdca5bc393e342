"""What an operator does: op-agents on the command line."""

from __future__ import annotations

import subprocess

from harness.fleet import Fleet, clean_environment


def op_agents(fleet: Fleet, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs op-agents against a fleet and returns how it ended and what it printed."""
    return subprocess.run(
        [fleet.programs / "op-agents", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        env=clean_environment(OP_AGENTS_ADDRESS=fleet.address),
    )
