"""The transports: calls between two processes over loopback TCP."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from statistics import median

from contenders import Contender
from echo_server import echo_server
from figures import Figure
from loads import LOADS, Load

Measurement = dict[str, float]


def transport_figures(
    programs: Path, rounds: int, seconds: float, quick: bool, note: Callable[[str], None]
) -> list[Figure]:
    """Has every contender carry every load in every round, in turns; medians of the rounds."""
    loads = [load for load in LOADS if load.is_central or not quick]
    results: dict[tuple[Load, Contender], list[Measurement]] = {}
    for number in range(rounds):
        note(f"transports: round {number + 1} of {rounds}")
        for load in loads:
            # Back and forth, so that none always follows the same one.
            turns = load.contenders if number % 2 == 0 else reversed(load.contenders)
            for contender in turns:
                measurement = _measure(contender, load, programs, seconds)
                results.setdefault((load, contender), []).append(measurement)
    return [
        Figure(
            str(load),
            reading.name,
            reading.unit,
            {
                contender.name: reading.scale
                * median(each[reading.key] for each in results[load, contender])
                for contender in load.contenders
            },
        )
        for load in loads
        for reading in load.readings
    ]


def _measure(contender: Contender, load: Load, programs: Path, seconds: float) -> Measurement:
    """A fresh server and a fresh client, which warms up before it measures."""
    with echo_server(contender.server, programs, load.regime) as server:
        command = [
            *load.regime.client(),
            *contender.client.command(programs),
            load.command,
            f"port={server.port}",
            f"server={server.pid}",
            f"seconds={seconds}",
            *load.options,
            *contender.options,
        ]
        output = subprocess.run(
            command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
        ).stdout
        try:
            return json.loads(output)
        except ValueError as error:
            # Figures of nothing are no numbers in JSON.
            raise RuntimeError(
                f"cannot read what {contender.name} measured ({load}): {output.strip()}; measure longer"
            ) from error
