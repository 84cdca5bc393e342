"""The transports: unary calls between two processes over loopback TCP."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from figures import Figure
from memory import resident_bytes

IN_FLIGHT = 64
PEER = "grpc-swift NIO transport"
_OURS, _PEER, _FLOOR = "echo-http2", "echo-nio", "echo-tcp"

Results = dict["Load", list[dict[str, float]]]


@dataclass(frozen=True)
class Load:
    """One way to call one program."""

    program: str
    in_flight: int
    # Where the callers run: the concurrency pool, or the transport's own executor.
    caller: str = "pool"


LOADS = [
    Load(_FLOOR, 1),
    Load(_OURS, 1),
    Load(_PEER, 1),
    Load(_OURS, 1, "loop"),
    Load(_OURS, IN_FLIGHT),
    Load(_PEER, IN_FLIGHT),
    Load(_OURS, IN_FLIGHT, "loop"),
]


def transport_figures(
    programs: Path, rounds: int, seconds: float, note: Callable[[str], None]
) -> list[Figure]:
    """Runs every load in every round, in turns."""
    results: Results = {load: [] for load in LOADS}
    for number in range(rounds):
        note(f"transports: round {number + 1} of {rounds}")
        # Back and forth, so that none always follows the same one.
        for load in LOADS if number % 2 == 0 else reversed(LOADS):
            results[load].append(_run(programs, load, seconds))
    return list(_figures(results))


def _figures(results: Results) -> Iterator[Figure]:
    def value(load: Load, key: str) -> float:
        return median(result[key] for result in results[load])

    def compared(name: str, unit: str, key: str, load: Load) -> Figure:
        peer = Load(_PEER, load.in_flight)
        return Figure(name, unit, value(load, key), value(peer, key), PEER)

    yield Figure("TCP round trip in C, p50: the floor", "µs", value(Load(_FLOOR, 1), "p50_us"))
    for in_flight, what in [(1, "sequential unary"), (IN_FLIGHT, f"{IN_FLIGHT} in flight")]:
        for caller, where in [("pool", ""), ("loop", ", caller on the loop")]:
            load = Load(_OURS, in_flight, caller)
            if in_flight == 1:
                yield compared(f"{what}, p50{where}", "µs", "p50_us", load)
                yield compared(f"{what}, p99{where}", "µs", "p99_us", load)
            else:
                yield compared(f"{what}{where}", "calls/s", "calls_per_second", load)
            for side in ("client", "server"):
                name = f"{what}, CPU of the {side}{where}"
                yield compared(name, "µs/call", f"{side}_cpu_us", load)
    name = f"echo server after {IN_FLIGHT} in flight, resident"
    yield compared(name, "MB", "server_resident_mb", Load(_OURS, IN_FLIGHT))


def _run(programs: Path, load: Load, seconds: float) -> dict[str, float]:
    """A fresh server and a fresh client."""
    program = programs / load.program
    with _server(program) as (server, port):
        command = [program, "unary", f"port={port}", f"server={server.pid}", f"seconds={seconds}"]
        command += [f"in-flight={load.in_flight}", f"caller={load.caller}", "size=32"]
        output = subprocess.run(
            command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
        ).stdout
        result: dict[str, float] = json.loads(output)
        result["server_resident_mb"] = resident_bytes(server.pid) / 1e6
        return result


@contextmanager
def _server(program: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    # It goes with this process, whatever that one's end is.
    command = ["setpriv", "--pdeathsig", "KILL", program, "serve"]
    server = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        port = server.stdout.readline().strip()
        if not port:
            raise RuntimeError(f"{program.name} did not say its port; it ended with {server.wait()}")
        yield server, port
    finally:
        server.kill()
        server.communicate()
