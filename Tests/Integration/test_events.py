"""op-agents events: what happened, why, and what follows."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from harness.cli import FINE, REFUSED, op_agents
from harness.fleet import PATIENCE, Fleet, clean_environment
from harness.processes import FAMILY

MakeFleet = Callable[..., Fleet]


@contextmanager
def following(fleet: Fleet, *options: str) -> Iterator[Callable[[], str]]:
    """Runs `op-agents events --follow`; the function returns the next line."""
    process = subprocess.Popen(
        [fleet.programs / "op-agents", "events", "--follow", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=clean_environment(OP_AGENTS_ADDRESS=fleet.address),
    )
    FAMILY.expect(process.pid)
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    reader = threading.Thread(target=lambda: [lines.put(line) for line in process.stdout])
    reader.start()
    try:
        yield lambda: lines.get(timeout=PATIENCE)
    finally:
        process.kill()
        process.wait()
        reader.join()
        process.stdout.close()
        FAMILY.forget(process.pid)


def test_a_crash_is_said_with_its_cause_and_what_follows(fleet: Fleet) -> None:
    os.kill(fleet.process_of("memory").pid, signal.SIGKILL)
    for event in fleet.events("memory"):
        if event.cause == "killed by SIGKILL":
            break
    shown = op_agents(fleet, "events", "memory")
    assert shown.returncode == FINE, shown.stderr
    (crash,) = (line for line in shown.stdout.splitlines() if "killed by SIGKILL" in line)
    assert "memory  serving -> " in crash
    assert "must serve within" in crash or "starts again in" in crash


def test_an_exit_status_is_said(make_fleet: MakeFleet) -> None:
    dying = {"exec": "/bin/sh", "args": ["-c", "exit 7"], "start": "demand"}
    with make_fleet(manifests={"dying": dying}).start() as fleet:
        assert op_agents(fleet, "start", "dying").returncode == REFUSED
        shown = op_agents(fleet, "events", "dying", "--json")
        causes = [json.loads(line)["cause"] for line in shown.stdout.splitlines()]
        assert "exited with code 7" in causes


def test_only_the_last_ones_are_shown_and_only_of_one_agent(fleet: Fleet) -> None:
    assert op_agents(fleet, "restart", "memory").returncode == FINE
    shown = op_agents(fleet, "events", "memory", "--json", "-n", "2")
    events = [json.loads(line) for line in shown.stdout.splitlines()]
    assert [event["to"] for event in events] == ["starting", "serving"]
    assert {event["agent_id"] for event in events} == {"memory"}
    assert set(events[0]) == {"agent_id", "at", "cause", "from", "next", "sequence", "to"}


def test_an_agent_that_does_not_exist_is_refused(fleet: Fleet) -> None:
    for options in ([], ["--follow"]):
        refused = op_agents(fleet, "events", "nobody", *options)
        assert refused.returncode == REFUSED
        assert "nobody" in refused.stderr


def test_following_goes_on_with_the_next_supervisor(make_fleet: MakeFleet) -> None:
    with make_fleet(installed=("memory",)).start() as fleet:
        with following(fleet, "--json", "-n", "1") as next_line:
            assert json.loads(next_line())["to"] == "serving"
            fleet.stop()
            while json.loads(next_line())["to"] != "stopped":
                pass
            fleet.start()
            # The new one's events are all news, from its first on.
            first = json.loads(next_line())
            assert (first["sequence"], first["to"]) == (1, "starting")
