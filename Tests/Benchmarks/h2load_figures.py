"""The servers alone: a client in C that knows HTTP/2 and nothing of gRPC asks as fast as it can."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median

from contenders import CPP, NIO, OURS, OURS_DIRECT, Contender
from echo_server import echo_server
from figures import Figure
from regimes import Regime

_IN_FLIGHT = 64
_MESSAGE = b"o" * 32
_RATE = re.compile(r"finished in .*?, ([\d.]+) req/s")
_OUTCOME = re.compile(r"requests: (\d+) total.* (\d+) succeeded, (\d+) failed, (\d+) errored")


def h2load_figures(
    programs: Path, rounds: int, seconds: float, note: Callable[[str], None]
) -> list[Figure]:
    """Calls per second, and the server's processor time for each."""
    regime = Regime.APART if Regime.APART.exists else Regime.TOGETHER
    contenders = (OURS, OURS_DIRECT, CPP, NIO)
    results: dict[Contender, list[tuple[float, float]]] = {each: [] for each in contenders}
    with tempfile.NamedTemporaryFile() as body:
        body.write(b"\0" + len(_MESSAGE).to_bytes(4, "big") + _MESSAGE)
        body.flush()
        for number in range(rounds):
            note(f"h2load: round {number + 1} of {rounds}")
            for contender in contenders if number % 2 == 0 else reversed(contenders):
                results[contender].append(
                    _measure(contender, programs, Path(body.name), seconds, regime)
                )
    group = f"h2load, 32 B, {_IN_FLIGHT} in flight, 1 connection; {regime.value}"
    return [
        Figure(
            group,
            name,
            unit,
            {each.name: median(row[at] for row in results[each]) for each in contenders},
        )
        for at, (name, unit) in enumerate([("calls", "1/s"), ("CPU of the server", "µs/call")])
    ]


def _measure(
    contender: Contender, programs: Path, body: Path, seconds: float, regime: Regime
) -> tuple[float, float]:
    with echo_server(contender.server, programs, regime) as server:
        command = [
            *regime.client(),
            "h2load",
            "--clients=1",
            f"--max-concurrent-streams={_IN_FLIGHT}",
            f"--data={body}",
            "--header=content-type: application/grpc",
            "--header=te: trailers",
            f"http://127.0.0.1:{server.port}{contender.path}",
        ]
        # As many calls as fit into the time, found by a shorter run that warms up too.
        warm_up, _, _ = _run(command, server.cpu_time, requests=2000)
        rate, cpu, count = _run(command, server.cpu_time, requests=max(2000, int(warm_up * seconds)))
        return rate, cpu / count * 1e6


def _run(
    command: list[str], cpu_time: Callable[[], float], requests: int
) -> tuple[float, float, int]:
    """Calls per second, the server's processor time in seconds, and how many calls there were."""
    before = cpu_time()
    output = subprocess.run(
        [*command, f"--requests={requests}"],
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout
    cpu = cpu_time() - before
    rate, outcome = _RATE.search(output), _OUTCOME.search(output)
    if rate is None or outcome is None or int(outcome[2]) != requests:
        raise RuntimeError(f"cannot trust h2load: not every call succeeded:\n{output}")
    return float(rate[1]), cpu, requests
