"""Processes that end when they should not: the fleet goes on, and nothing outlives its parent."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import grpc
import pytest

from conftest import MISBEHAVING
from harness.client import request
from harness.contracts import agents, supervisor
from harness.fleet import Fleet
from harness.load import WriteLoad, kill
from harness.ports import listens
from harness.processes import FAMILY, descendants, still_alive

MakeFleet = Callable[..., Fleet]
# A call to an agent that is known not to work may not wait for anything.
AT_ONCE = 1.0


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


def test_crash_loop_is_shown_and_fails_callers_at_once(make_fleet: MakeFleet) -> None:
    crashing = MISBEHAVING | {"environment": {"MISBEHAVE": "exit-after-ready"}}
    fleet = make_fleet(manifests={"misbehaving": crashing}).start()
    with fleet.client() as client:
        start = supervisor.StartRequest(agent_id="misbehaving")
        # Kept, since a call that nobody holds is cancelled; how it ends is not the question.
        started = client.supervisor.Start.future(start, timeout=60)
        fleet.wait_for_state("misbehaving", agents.AGENT_STATE_DEGRADED)

        status = fleet.status()["misbehaving"]
        assert status.last_error
        assert status.restarts > 5
        assert status.HasField("next_start_at")

        began = time.monotonic()
        with pytest.raises(grpc.RpcError) as raised:
            client.execute("misbehaving", "echo", {"text": "anyone?"})
        assert raised.value.code() == grpc.StatusCode.UNAVAILABLE
        assert "misbehaving" in raised.value.details()
        assert time.monotonic() - began < AT_ONCE
        assert not listens(fleet.ports["misbehaving"]), "a degraded agent's listener is closed"

        # The others do not notice.
        assert client.execute("memory", "list")["total"] == 0
        started.cancel()


def test_an_agent_that_is_killed_while_it_serves_answers_again(make_fleet: MakeFleet) -> None:
    fleet = make_fleet(manifests={"misbehaving": MISBEHAVING}).start()
    with fleet.client() as client:
        client.execute("misbehaving", "echo", {"text": "warm"})
        with pytest.raises(grpc.RpcError) as raised:
            client.execute("misbehaving", "crash")
        assert raised.value.code() == grpc.StatusCode.UNAVAILABLE
        again = client.agents.Execute(
            request("misbehaving", "echo", {"text": "again"}), timeout=30, wait_for_ready=True
        )
        assert again.success


def test_a_program_that_vanished_is_diagnosed(make_fleet: MakeFleet, programs: Path) -> None:
    fleet = make_fleet(installed=("memory",))
    program = fleet.scratch / "op-agent-vanishing"
    program.symlink_to(programs / "op-agent-memory")
    fleet.write_configuration({"agents": {"memory": {"exec": str(program)}}})
    fleet.start()
    with fleet.client() as client:
        client.supervisor.Stop(supervisor.StopRequest(agent_id="memory"), timeout=30)
        program.unlink()
        with pytest.raises(grpc.RpcError) as raised:
            client.supervisor.Start(supervisor.StartRequest(agent_id="memory"), timeout=30)
        assert raised.value.code() == grpc.StatusCode.FAILED_PRECONDITION
        assert str(program) in raised.value.details()

        # Put back, it starts as if nothing had been.
        program.symlink_to(programs / "op-agent-memory")
        client.supervisor.Start(supervisor.StartRequest(agent_id="memory"), timeout=30)
        assert client.execute("memory", "list")["total"] == 0


def test_a_program_that_cannot_run_is_diagnosed(make_fleet: MakeFleet) -> None:
    fleet = make_fleet(manifests={"misbehaving": MISBEHAVING})
    program = fleet.scratch / "op-agent-script"
    program.write_text("#!/usr/bin/no-such-interpreter\n")
    program.chmod(0o755)
    fleet.write_configuration({"agents": {"misbehaving": {"exec": str(program)}}})
    fleet.start()
    with fleet.client() as client, pytest.raises(grpc.RpcError) as raised:
        client.supervisor.Start(supervisor.StartRequest(agent_id="misbehaving"), timeout=30)
    assert raised.value.code() == grpc.StatusCode.FAILED_PRECONDITION
    assert str(program) in raised.value.details()
    assert "/usr/bin/no-such-interpreter" in raised.value.details()


def test_an_agent_that_never_says_ready_is_ended_and_said_so(make_fleet: MakeFleet) -> None:
    silent = MISBEHAVING | {"environment": {"MISBEHAVE": "never-ready"}, "start_timeout": "1s"}
    fleet = make_fleet(manifests={"misbehaving": silent}).start()
    with fleet.client() as client, pytest.raises(grpc.RpcError) as raised:
        client.supervisor.Start(supervisor.StartRequest(agent_id="misbehaving"), timeout=30)
    assert raised.value.code() == grpc.StatusCode.FAILED_PRECONDITION
    assert "READY" in raised.value.details()


def test_an_agent_that_ignores_sigterm_is_killed_after_its_grace(make_fleet: MakeFleet) -> None:
    deaf = MISBEHAVING | {"environment": {"MISBEHAVE": "ignore-sigterm"}, "grace": "500ms"}
    fleet = make_fleet(manifests={"misbehaving": deaf}).start()
    with fleet.client() as client:
        client.execute("misbehaving", "echo", {"text": "warm"})
        process = fleet.process_of("misbehaving")
        began = time.monotonic()
        client.supervisor.Stop(supervisor.StopRequest(agent_id="misbehaving"), timeout=30)
    assert not process.is_alive()
    assert 0.5 <= time.monotonic() - began < 10


def test_a_stopped_agent_takes_its_whole_process_group_with_it(make_fleet: MakeFleet) -> None:
    careless = MISBEHAVING | {"environment": {"MISBEHAVE": "leave-grandchild"}, "grace": "1s"}
    fleet = make_fleet(manifests={"misbehaving": careless}).start()
    with fleet.client() as client:
        client.execute("misbehaving", "echo", {"text": "warm"})
        group = descendants(fleet.process_of("misbehaving").pid)
        assert [process.command for process in group if process.command == "sleep"]
        client.supervisor.Stop(supervisor.StopRequest(agent_id="misbehaving"), timeout=30)
    assert still_alive(group, within=0) == []


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


def test_a_stopped_process_is_seen_by_its_health_and_replaced(make_fleet: MakeFleet) -> None:
    probed = {"probes": {"interval": "100ms", "timeout": "100ms", "busy_timeout": "300ms"}}
    fleet = make_fleet(installed=("memory",), settings={"agents": {"memory": probed}}).start()
    hung = fleet.process_of("memory")
    os.kill(hung.pid, signal.SIGSTOP)
    assert hung.wait(within=30), "a hung agent was not replaced"
    with fleet.client() as client:
        answer = client.agents.Execute(request("memory", "list"), timeout=30, wait_for_ready=True)
    assert answer.success
    assert fleet.process_of("memory").pid != hung.pid
