"""How the cost of supervising grows with the number of agents."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

from harness.contracts import agents
from harness.fleet import Fleet, clean_environment

from figures import Figure, own
from memory import proportional_bytes, resident_bytes

GROUP = "fleet of {} agents"
SIZES = (10, 50, 200)
# After so long a crash is the first one again, and the agent starts at once; nothing happens meanwhile.
_IDLE_SECONDS = 61.0
_STATUS_RUNS = 15
_KILLS = 10


def scale_figures(
    programs: Path,
    agent: Path,
    libraries: Path,
    note: Callable[[str], None],
    *,
    sizes: tuple[int, ...] = SIZES,
    idle_seconds: float = _IDLE_SECONDS,
) -> list[Figure]:
    """Starts fleets of different sizes of one small agent, which always runs, and measures each."""
    figures: list[Figure] = []
    for size in sizes:
        note(f"fleet of {size} agents: {idle_seconds:.0f} s of doing nothing, then kills")
        group = GROUP.format(size)
        with tempfile.TemporaryDirectory(prefix="op-agents-bench-") as scratch:
            with _fleet(Path(scratch), programs, agent, libraries, size) as fleet:
                for name, unit, value in _measure(fleet, idle_seconds):
                    figures.append(own(group, name, unit, value))
    return figures


def _fleet(scratch: Path, programs: Path, agent: Path, libraries: Path, size: int) -> Fleet:
    names = [f"agent_{number:03}" for number in range(size)]
    manifests: dict[str, dict[str, Any]] = {
        name: {
            "exec": str(agent),
            "start_timeout": "60s",
            "environment": {"MISBEHAVING_ID": name, "LD_LIBRARY_PATH": str(libraries)},
        }
        for name in names
    }
    return Fleet(
        scratch,
        programs,
        installed=(),
        manifests=manifests,
        settings={"agents": {"run_on_connection": names, "on_demand": []}},
    )


def _measure(fleet: Fleet, idle_seconds: float) -> Iterator[tuple[str, str, float]]:
    started = time.monotonic()
    fleet.start()
    yield "all started: op-supervisor's start to READY=1", "ms", (time.monotonic() - started) * 1e3

    pids = [status.pid for status in fleet.status().values()]
    before, agents_before = _processor_seconds(fleet.pid), sum(map(_processor_seconds, pids))
    began = time.monotonic()
    time.sleep(idle_seconds)
    passed = time.monotonic() - began
    ours = _processor_seconds(fleet.pid) - before
    theirs = sum(map(_processor_seconds, pids)) - agents_before
    yield "idle, of one core: op-supervisor", "%", ours / passed * 100
    yield "idle, of one core: all agents", "%", theirs / passed * 100
    yield "`op-agents status`, its start and end included", "ms", _status_milliseconds(fleet)
    yield "op-supervisor, resident", "MB", resident_bytes(fleet.pid) / 1e6
    yield "op-supervisor, open descriptors", "", _count(fleet.pid, "fd")
    yield "op-supervisor, threads", "", _count(fleet.pid, "task")
    yield "each agent, proportional", "MB", median(map(proportional_bytes, pids)) / 1e6
    yield "each agent, threads", "", median(_count(pid, "task") for pid in pids)
    kills = [_kill(fleet, name) for name in list(fleet.ports)[:_KILLS]]
    yield "an agent, SIGKILL to SERVING", "ms", median(kills)
    yield "all stopped: SIGTERM to the end of op-supervisor", "ms", _stop(fleet)


def _processor_seconds(pid: int) -> float:
    """What a process has run, threads that have ended included (clock_getcpuclockid(3))."""
    return time.clock_gettime(~pid << 3 | 2)


def _count(pid: int, entries: str) -> int:
    return len(list(Path(f"/proc/{pid}/{entries}").iterdir()))


def _status_milliseconds(fleet: Fleet) -> float:
    command = [fleet.programs / "op-agents", "status", "--address", fleet.address]
    times = []
    for _ in range(_STATUS_RUNS):
        began = time.monotonic()
        subprocess.run(
            command, env=clean_environment(), stdout=subprocess.DEVNULL, check=True, timeout=60
        )
        times.append((time.monotonic() - began) * 1e3)
    return median(times)


def _kill(fleet: Fleet, agent: str) -> float:
    """Milliseconds from the signal until the supervisor says that the agent serves again."""
    process = fleet.process_of(agent)
    killed = time.time_ns()
    os.kill(process.pid, signal.SIGKILL)
    for event in fleet.events(agent):
        if event.to == agents.AGENT_STATE_SERVING and event.at.ToNanoseconds() > killed:
            return (event.at.ToNanoseconds() - killed) / 1e6
    raise TimeoutError(f"{agent} did not serve again after SIGKILL:\n{fleet.tail()}")


def _stop(fleet: Fleet) -> float:
    began = time.monotonic()
    fleet.stop()
    return (time.monotonic() - began) * 1e3
