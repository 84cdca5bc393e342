"""The faults of agents that start processes: a test for each row of the table of faults."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

from harness.faulty import AGENT, Faulty
from harness.processes import Process, zombies

MakeFaulty = Callable[..., Faulty]


def left_by(agent: Faulty, *, detached: bool) -> Process:
    """A process that the agent leaves."""
    process = Process.find(agent.execute("leave_grandchild", detached=detached)["pid"])
    assert process is not None
    return process


def test_leaves_a_grandchild_that_ignores_sigterm(faulty: MakeFaulty) -> None:
    agent = faulty()
    grandchild = left_by(agent, detached=False)
    assert grandchild.group == agent.process().pid
    assert agent.op_agents("stop", AGENT).returncode == 0
    assert not grandchild.is_alive()
    agent.event("stopped", "exited with code 0")


def test_escapes_into_its_own_session(faulty: MakeFaulty) -> None:
    agent = faulty()
    for end in (signal.SIGTERM, signal.SIGKILL):
        escaped = left_by(agent, detached=True)
        assert escaped.parent == agent.fleet.pid, "the supervisor is the reaper of its descendants"
        assert escaped.group != agent.process().pid
        last = agent.status().restarts
        os.kill(agent.process().pid, end)
        agent.transition(lambda event: bool(event.cause) and agent.status().restarts > last)
        # Gone before the next instance starts.
        assert not escaped.is_alive()
        agent.execute("echo")


def test_leaves_zombies(faulty: MakeFaulty) -> None:
    agent = faulty()
    agent.execute("leave_zombies", count=200)
    left = zombies(agent.process().pid)
    assert len(left) == 200
    # Nobody else can wait for them, and the agent goes on.
    agent.execute("echo")
    assert agent.op_agents("stop", AGENT).returncode == 0
    assert [each for each in left if Process.find(each.pid) is not None] == []
