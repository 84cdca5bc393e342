"""An installed fleet: its size on disk and in memory, and how soon its agents serve."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

from harness.contracts import agents, supervisor
from harness.fleet import Fleet

from figures import Figure, own
from memory import proportional_bytes, resident_bytes

# After so many seconds of serving a crash is the first one again, and the agent starts at once.
_STEADY_AFTER = 60
_CALLS_BEFORE_WEIGHING = 100
_CALL_TIMEOUT = 60.0


def fleet_figures(stage: Path, rounds: int, note: Callable[[str], None]) -> list[Figure]:
    """Starts a fleet of the installed programs in a scratch directory, and measures it."""
    figures = [own("fleet", "installed tree", "MB", _size(stage) / 1e6)]
    with tempfile.TemporaryDirectory(prefix="op-agents-bench-") as scratch:
        with Fleet(Path(scratch), stage / "bin") as fleet:
            note("fleet: starting")
            fleet.start()
            figures += _memory(fleet)
            note(f"fleet: {rounds} restarts of each agent")
            figures += _starts(fleet, rounds)
            note(f"fleet: serving for {_STEADY_AFTER} s, then kills")
            figures += _kills(fleet)
            fleet.stop()
    return figures


def _size(tree: Path) -> int:
    files = (path for path in tree.rglob("*") if path.is_file() and not path.is_symlink())
    return sum(path.stat().st_size for path in files)


def _memory(fleet: Fleet) -> Iterator[Figure]:
    """Memory after some calls, when what is loaded lazily is loaded."""
    for agent in fleet.ports:
        with fleet.client(agent) as client:
            for _ in range(_CALLS_BEFORE_WEIGHING):
                client.agents.ListOperations(
                    agents.ListOperationsRequest(agent_id=agent), timeout=_CALL_TIMEOUT
                )
    pids = {"op-supervisor": fleet.pid}
    pids |= {agent: status.pid for agent, status in fleet.status().items() if status.pid}
    total = sum(proportional_bytes(pid) for pid in pids.values()) / 1e6
    yield own("fleet", f"fleet of {len(pids)} processes, proportional", "MB", total)
    yield own("fleet", "of it each process, on average", "MB", total / len(pids))
    for name, pid in pids.items():
        yield own("fleet", f"{name}, resident", "MB", resident_bytes(pid) / 1e6)


def _starts(fleet: Fleet, rounds: int) -> Iterator[Figure]:
    for agent in fleet.ports:
        times = [fleet.status()[agent].spawn_to_serving_us]
        with fleet.client() as client:
            for _ in range(rounds):
                answer = client.supervisor.Restart(
                    supervisor.RestartRequest(agent_id=agent), timeout=_CALL_TIMEOUT
                )
                times.append(answer.agent.spawn_to_serving_us)
        yield own("fleet", f"{agent}, spawn to SERVING", "ms", median(times) / 1000)


def _kills(fleet: Fleet) -> Iterator[Figure]:
    serving_since = max(
        status.serving_since.ToNanoseconds() / 1e9 for status in fleet.status().values()
    )
    # A second more, as it is the supervisor's clock that counts.
    time.sleep(max(0.0, serving_since + _STEADY_AFTER + 1 - time.time()))
    for agent in fleet.ports:
        yield own("fleet", f"{agent}, SIGKILL to SERVING", "ms", _kill(fleet, agent))
        name = f"{agent}, SIGKILL to SERVING, killed again (100 ms ± 20 % of backoff)"
        yield own("fleet", name, "ms", _kill(fleet, agent))


def _kill(fleet: Fleet, agent: str) -> float:
    """Milliseconds from the signal until the supervisor says that the agent serves again."""
    serving = agents.AGENT_STATE_SERVING
    process = fleet.process_of(agent)
    killed = time.time_ns()
    os.kill(process.pid, signal.SIGKILL)
    for event in fleet.events(agent):
        if event.to == serving and event.at.ToNanoseconds() > killed:
            return (event.at.ToNanoseconds() - killed) / 1e6
    raise TimeoutError(f"{agent} did not serve again after SIGKILL:\n{fleet.tail()}")
