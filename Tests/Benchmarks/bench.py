"""Measures the transport beside grpc-swift's own, and an installed fleet.

    bench.py --stage DIRECTORY --programs DIRECTORY [--rounds N] [--seconds S] [--only PART]

The transports take turns, round after round, so that what happens on the machine meanwhile happens to
both; a figure is the median of its rounds. Prints a table, and writes .bench/results.json.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from harness.places import ROOT  # noqa: E402

from figures import print_table, write_json  # noqa: E402
from fleet_figures import fleet_figures  # noqa: E402
from transport_figures import transport_figures  # noqa: E402

RESULTS = ROOT / ".bench" / "results.json"


def main() -> None:
    options = argparse.ArgumentParser(description="Measures the transports and the fleet.")
    options.add_argument("--stage", type=Path, required=True, help="the installed tree")
    options.add_argument("--programs", type=Path, required=True, help="the echo programs")
    options.add_argument("--rounds", type=int, default=5, help="runs of each load (5)")
    options.add_argument("--seconds", type=float, default=2.0, help="length of a run (2)")
    options.add_argument("--only", choices=["transport", "fleet"], help="one part")
    chosen = options.parse_args()

    note(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.2f} before the start")
    figures = []
    if chosen.only != "fleet":
        figures += transport_figures(chosen.programs, chosen.rounds, chosen.seconds, note)
    if chosen.only != "transport":
        figures += fleet_figures(chosen.stage, chosen.rounds, note)
    print_table(figures)
    write_json(figures, RESULTS)
    note(f"written to {RESULTS.relative_to(ROOT)}")


def note(text: str) -> None:
    """Says what goes on, apart from the table."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
