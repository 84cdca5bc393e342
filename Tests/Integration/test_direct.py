"""An agent without a supervisor: how its author runs it."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from harness.client import Client, request
from harness.contracts import agents, memory
from harness.direct_agent import DirectAgent
from harness.fleet import clean_environment
from harness.notify import NotifySocket
from harness.places import CRATES
from harness.ports import free_ports
from harness.processes import FAMILY, Process

PROGRAMS = {"memory": "op-agent-memory", "rust_pro": "op-agent-rust-pro"}


@pytest.fixture(params=PROGRAMS)
def agent(request: pytest.FixtureRequest, programs: Path, scratch: Path) -> Iterator[DirectAgent]:
    started = DirectAgent(
        programs / PROGRAMS[request.param],
        scratch,
        OP_ALLOWED_ROOTS=f"{scratch}:{CRATES}",
    )
    try:
        started.wait_until_ready()
        yield started
    finally:
        started.close()


@pytest.fixture
def only_memory(programs: Path, scratch: Path) -> Iterator[DirectAgent]:
    started = DirectAgent(programs / PROGRAMS["memory"], scratch)
    try:
        started.wait_until_ready()
        yield started
    finally:
        started.close()


def test_it_serves_its_own_operations(agent: DirectAgent) -> None:
    with agent.client() as client:
        listed = client.agents.ListOperations(agents.ListOperationsRequest(), timeout=10)
        assert listed.operations
        read_only = next(each for each in listed.operations if each.name in ("list", "version"))
        assert client.execute("", read_only.name, timeout=60)["summary"]
        assert client.execute(listed.agent_id, read_only.name, timeout=60)["summary"]


def test_sessions_are_its_own(agent: DirectAgent) -> None:
    with agent.client() as client:
        started = client.agents.StartSession(
            agents.StartSessionRequest(session_id="by-hand"), timeout=10
        )
        assert started.session_id == "by-hand"
        end = agents.EndSessionRequest(session_id="by-hand")
        client.agents.EndSession(end, timeout=10)
        with pytest.raises(grpc.RpcError) as raised:
            client.agents.Execute(request("", "artifact", {"id": "x"}, session="by-hand"), timeout=10)
    assert raised.value.code() == grpc.StatusCode.NOT_FOUND


def test_other_agents_are_not_found_and_the_reason_is_said(agent: DirectAgent) -> None:
    with agent.client() as client, pytest.raises(grpc.RpcError) as raised:
        client.execute("debugger", "logs")
    assert raised.value.code() == grpc.StatusCode.NOT_FOUND
    assert "supervisor" in raised.value.details()


def test_sigterm_ends_it_with_success(agent: DirectAgent) -> None:
    with agent.client() as client:
        # Also after an operation that brings threads of libraries along: rust_pro runs programs for it.
        listed = client.agents.ListOperations(agents.ListOperationsRequest(), timeout=10)
        first = next(each for each in listed.operations if each.name in ("list", "version"))
        client.execute("", first.name, timeout=60)
    assert agent.stop(signal.SIGTERM) == 0
    assert any("STOPPING" in said.fields for said in agent.notify.received)


def test_sigint_ends_it_with_success(agent: DirectAgent) -> None:
    assert agent.stop(signal.SIGINT) == 0


def test_what_it_acknowledged_is_there_when_it_runs_again(
    only_memory: DirectAgent, programs: Path, scratch: Path
) -> None:
    with only_memory.client() as client:
        client.memory.Remember(memory.MemoryRememberRequest(key="kept", value="yes"), timeout=10)
    only_memory.stop(signal.SIGKILL)
    only_memory.close()
    again = DirectAgent(programs / PROGRAMS["memory"], scratch)
    try:
        again.wait_until_ready()
        with again.client() as client:
            recalled = client.memory.Recall(memory.MemoryRecallRequest(key="kept"), timeout=10)
        assert recalled.value == "yes"
    finally:
        again.close()


def test_a_second_one_on_the_same_state_names_the_first(
    only_memory: DirectAgent, programs: Path
) -> None:
    second = subprocess.run(
        [programs / PROGRAMS["memory"]]
        + ["--port", str(free_ports(1)[0]), "--state-dir", only_memory.state],
        capture_output=True,
        text=True,
        timeout=30,
        env=clean_environment(),
    )
    assert second.returncode != 0
    assert f"pid {only_memory.process.pid}" in second.stderr


def test_a_port_in_use_is_named(only_memory: DirectAgent, programs: Path, scratch: Path) -> None:
    second = subprocess.run(
        [programs / PROGRAMS["memory"]]
        + ["--port", str(only_memory.port), "--state-dir", scratch / "another"],
        capture_output=True,
        text=True,
        timeout=30,
        env=clean_environment(),
    )
    assert second.returncode != 0
    assert f"127.0.0.1:{only_memory.port}" in second.stderr


def test_it_serves_on_a_unix_socket(programs: Path, scratch: Path) -> None:
    path = scratch / "agent.sock"
    notify = NotifySocket(scratch / "notify")
    process = subprocess.Popen(
        [programs / PROGRAMS["memory"], "--unix", path, "--state-dir", scratch / "state"],
        env=clean_environment(NOTIFY_SOCKET=str(notify.path)),
    )
    FAMILY.expect(process.pid)
    try:
        assert notify.wait(lambda said: said.is_ready, within=30)
        with Client(f"unix:{path}") as client:
            assert client.execute("", "list")["total"] == 0
    finally:
        process.terminate()
        assert process.wait(timeout=30) == 0
        FAMILY.forget(process.pid)
        notify.close()
    assert Process.find(process.pid) is None


@pytest.mark.parametrize("program", PROGRAMS.values())
def test_help_and_version_are_said_without_serving(programs: Path, program: str) -> None:
    for flag in ("--help", "--version"):
        shown = subprocess.run(
            [programs / program, flag], capture_output=True, text=True, timeout=30
        )
        assert shown.returncode == 0
        assert shown.stdout.strip()
