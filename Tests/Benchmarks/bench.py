"""Measures the transport beside its peers, and an installed fleet.

    bench.py --stage DIRECTORY --programs DIRECTORY [--quick] [--rounds N] [--seconds S] [--only PART]...
             [--readme]

The contenders take turns, round after round, so that what happens on the machine meanwhile happens to
all; a figure is the median of its rounds. Prints a table, and writes .bench/results.json.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
# Behind this folder, which has names that the others have too.
sys.path += [str(TESTS), str(TESTS / "Peers")]

from harness.places import ROOT  # noqa: E402

from figures import Figure, print_table, write_json  # noqa: E402
from fleet_figures import fleet_figures  # noqa: E402
from h2load_figures import h2load_figures  # noqa: E402
from machine import machine  # noqa: E402
from readme import update_readme  # noqa: E402
from scale_figures import scale_figures  # noqa: E402
from server_figures import server_figures  # noqa: E402
from transport_figures import transport_figures  # noqa: E402

RESULTS = ROOT / ".bench" / "results.json"


def main() -> None:
    options = argparse.ArgumentParser(description="Measures the transports and the fleet.")
    options.add_argument("--stage", type=Path, required=True, help="the installed tree")
    options.add_argument("--programs", type=Path, required=True, help="the echo programs")
    options.add_argument("--rounds", type=int, default=3, help="runs of each load (3)")
    options.add_argument("--seconds", type=float, default=0.8, help="length of a run (0.8)")
    options.add_argument("--quick", action="store_true", help="the central figures only")
    options.add_argument(
        "--only",
        action="append",
        choices=["transport", "h2load", "server", "fleet", "fleet-scale"],
        help="one part, and others that are named too",
    )
    options.add_argument(
        "--agent",
        type=Path,
        default=ROOT / ".build" / "release" / "op-agent-misbehaving",
        help="what fleet-scale runs many of (.build/release/op-agent-misbehaving)",
    )
    options.add_argument("--readme", action="store_true", help="put the figures into README.md")
    chosen = options.parse_args()
    if chosen.readme and (chosen.quick or chosen.only):
        options.error("README.md takes the figures of a whole run: --readme without --quick or --only")
    quick, rounds, seconds = chosen.quick, chosen.rounds, chosen.seconds
    parts = chosen.only or (
        ["transport", "h2load"]
        if quick
        else ["transport", "h2load", "server", "fleet", "fleet-scale"]
    )

    # A server inherits it, and has 1,000 connections.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    described = machine(chosen.programs)
    for what, it in described.items():
        note(f"{what}: {it}")
    note(f"load {os.getloadavg()[0]:.2f} before the start")

    figures: list[Figure] = []
    if "transport" in parts:
        figures += transport_figures(chosen.programs, rounds, seconds, quick, note)
    if "h2load" in parts:
        figures += h2load_figures(chosen.programs, rounds, seconds, note)
    if "server" in parts:
        figures += server_figures(chosen.programs, rounds, note)
    if "fleet" in parts:
        figures += fleet_figures(chosen.stage, rounds, note)
    if "fleet-scale" in parts:
        libraries = chosen.stage.resolve() / "lib" / "op-agents"
        figures += scale_figures(chosen.stage / "bin", chosen.agent, libraries, note)
    print_table(figures)
    write_json(figures, described, RESULTS)
    note(f"written to {RESULTS.relative_to(ROOT)}")
    if chosen.readme:
        update_readme(figures, described)
        note("README.md has the figures too")


def note(text: str) -> None:
    """Says what goes on, apart from the table."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
