"""The faults of what agents write: a test for each row of the table of faults."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

from harness.faulty import AGENT, Faulty
from harness.footprint import MIB

MakeFaulty = Callable[..., Faulty]

# Of lines that the ring keeps: 2 MiB, and as much again for what is on its way.
MOST_GROWTH = 32 * MIB


def test_floods_its_output(faulty: MakeFaulty) -> None:
    agent = faulty()
    agent.execute("echo")
    before = agent.supervisor.memory()
    agent.execute("flood_output")
    assert agent.bystander.is_served(200), agent.bystander.error
    agent.execute("echo")
    assert agent.supervisor.memory() - before < MOST_GROWTH
    assert agent.op_agents("stop", AGENT).returncode == 0
    assert "lines left out: more than 2000 in 10 s" in agent.op_agents("logs", AGENT).stdout
    assert agent.status().restarts == 0


def test_writes_a_line_of_100_mb(faulty: MakeFaulty) -> None:
    agent = faulty()
    agent.execute("echo")
    before = agent.supervisor.memory()
    agent.execute("long_line", mebibytes=100)
    assert agent.supervisor.memory() - before < MOST_GROWTH
    assert agent.op_agents("stop", AGENT).returncode == 0
    logged = agent.op_agents("logs", AGENT, "-n", "0").stdout.splitlines()
    cut = [line for line in logged if line.endswith("l [cut, goes on]")]
    assert cut
    assert max(map(len, cut)) < (16 << 10) + 64
    assert any("lines left out: more than 2000 in 10 s" in line for line in logged)
    assert agent.status().restarts == 0


def test_closes_its_output(faulty: MakeFaulty) -> None:
    agent = faulty()
    agent.execute("log", text="before")
    agent.execute("close_output")
    agent.execute("log", text="unheard")
    assert agent.bystander.is_served(20), agent.bystander.error
    agent.execute("echo")
    assert agent.status().restarts == 0
    os.kill(agent.process().pid, signal.SIGKILL)
    agent.event("backing off", "killed by SIGKILL")
    agent.execute("log", text="after")
    logged = agent.op_agents("logs", AGENT, "-n", "0").stdout
    assert "before 0" in logged and "after 0" in logged
    assert "unheard" not in logged
