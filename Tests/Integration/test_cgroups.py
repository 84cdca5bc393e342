"""A supervisor that was given a control group: each instance has one of its own in it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conftest import MISBEHAVING
from harness.cgroups import DelegatedCgroup, own_cgroup
from harness.contracts import agents
from harness.fleet import Fleet

MakeFleet = Callable[..., Fleet]

pytestmark = pytest.mark.skipif(
    own_cgroup() is None or os.geteuid() != 0,
    reason="only root may make control groups of version 2, where they are mounted",
)


@pytest.fixture
def delegated() -> Iterator[DelegatedCgroup]:
    made = DelegatedCgroup()
    yield made
    made.close()


@pytest.fixture
def fleet(make_fleet: MakeFleet, delegated: DelegatedCgroup) -> Fleet:
    """A running fleet in a delegated control group: memory, and misbehaving on demand."""
    made = make_fleet(manifests={"misbehaving": MISBEHAVING}, installed=("memory",))
    made.wrap(first=delegated.entering)
    return made.start()


def cgroup_of(pid: int, delegated: DelegatedCgroup) -> str:
    """The part of a process's control group that lies in the delegated one."""
    lines = Path(f"/proc/{pid}/cgroup").read_text().splitlines()
    path = next(line[3:] for line in lines if line.startswith("0::"))
    return path.rpartition(f"/{delegated.path.name}/")[2]


def test_the_supervisor_and_each_instance_are_apart(
    fleet: Fleet, delegated: DelegatedCgroup
) -> None:
    assert cgroup_of(fleet.pid, delegated) == "supervisor"
    assert cgroup_of(fleet.process_of("memory").pid, delegated) == "memory-1"
    assert delegated.children() == {"supervisor", "memory-1"}
    assert f"agents have control groups of their own in {delegated.path}" in fleet.tail()


def test_the_next_instance_has_the_next_one(fleet: Fleet, delegated: DelegatedCgroup) -> None:
    os.kill(fleet.process_of("memory").pid, signal.SIGKILL)
    served = (e for e in fleet.events("memory") if e.to == agents.AGENT_STATE_SERVING)
    assert len(list(zip(range(2), served))) == 2
    assert delegated.children() == {"supervisor", "memory-2"}


def test_a_stop_leaves_nothing(fleet: Fleet, delegated: DelegatedCgroup) -> None:
    assert fleet.stop() == 0
    assert delegated.processes() == set()
    assert delegated.children() == {"supervisor"}


def test_a_supervisor_removes_what_a_killed_one_left(
    fleet: Fleet, delegated: DelegatedCgroup
) -> None:
    with fleet.client() as client:
        client.execute("misbehaving", "leave_grandchild", {"detached": True})
    assert len(delegated.children()) == 3
    fleet.signal(signal.SIGKILL)
    fleet.wait()
    fleet.start()
    assert delegated.children() == {"supervisor", "memory-1"}
    members = {fleet.pid, fleet.process_of("memory").pid}
    assert delegated.processes() == members


def test_a_detached_grandchild_ends_with_its_instance(
    fleet: Fleet, delegated: DelegatedCgroup
) -> None:
    with fleet.client() as client:
        answer = client.execute("misbehaving", "leave_grandchild", {"detached": True})
    instance = fleet.process_of("misbehaving")
    stray = int(answer["pid"])
    assert cgroup_of(stray, delegated) == "misbehaving-2"
    os.kill(instance.pid, signal.SIGKILL)
    for event in fleet.events("misbehaving"):
        if "SIGKILL" in event.cause:
            break
    assert stray not in delegated.processes()
