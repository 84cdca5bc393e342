"""Processes that end when they should not: the fleet goes on, and nothing outlives its parent."""

from __future__ import annotations

import signal
from collections.abc import Callable

from conftest import MISBEHAVING
from harness.contracts import agents
from harness.fleet import Fleet
from harness.load import WriteLoad, kill
from harness.processes import FAMILY, still_alive

MakeFleet = Callable[..., Fleet]


def test_killed_under_load_it_refuses_nobody_and_loses_nothing(make_fleet: MakeFleet) -> None:
    fleet = make_fleet(installed=("memory",)).start()
    for _ in range(3):
        victim = fleet.process_of("memory")
        namespace = f"kill-{victim.pid}"
        with WriteLoad(fleet.ports["memory"], writers=4, namespace=namespace) as load:
            load.wait_for_writes(500, within=60)
            killed = kill(victim)
            load.wait_for_writes(500, within=60, begun_after=killed.ended)
            record = load.stop()
        assert record.errors == []
        assert record.refused == 0
        assert record.connections > 0
        assert load.lost() == []
    assert fleet.status()["memory"].restarts == 3


def test_supervisor_killed_with_sigkill_leaves_no_child(make_fleet: MakeFleet) -> None:
    fleet = make_fleet(manifests={"misbehaving": MISBEHAVING}).start()
    with fleet.client() as client:
        client.execute("misbehaving", "echo", {"text": "warm"})
    members = fleet.processes()
    assert len(members) >= 3
    fleet.signal(signal.SIGKILL)
    assert fleet.wait() == -signal.SIGKILL
    assert still_alive(members, within=10) == []
    assert FAMILY.leftovers() == []


def test_state_and_sessions_survive_a_killed_supervisor(make_fleet: MakeFleet) -> None:
    fleet = make_fleet(installed=("memory",)).start()
    with fleet.client() as client:
        start = agents.StartSessionRequest(session_id="survivor", client_name="tests")
        client.agents.StartSession(start, timeout=30)
        client.execute("memory", "remember", {"key": "kept", "value": "yes"}, session="survivor")
    members = fleet.processes()
    fleet.signal(signal.SIGKILL)
    fleet.wait()
    assert still_alive(members, within=10) == []
    fleet.start()
    with fleet.client() as client:
        recalled = client.execute("memory", "recall", {"key": "kept"}, session="survivor")
    assert recalled["value"] == "yes"
