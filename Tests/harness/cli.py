"""op-agents, run against a fleet."""

from __future__ import annotations

import subprocess

from harness.fleet import Fleet, clean_environment

# How it ends, as its help says.
FINE, DOWN, NOT_ASKED, REFUSED, USAGE = 0, 1, 2, 3, 64


def op_agents(
    fleet: Fleet, *arguments: str, stdin: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Runs one command to its end; the fleet need not run."""
    return subprocess.run(
        [fleet.programs / "op-agents", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        env=clean_environment(**({"OP_AGENTS_ADDRESS": fleet.address} | environment)),
    )
