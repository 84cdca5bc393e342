"""An agent that somebody runs by hand, taken from the supervisor and given back."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import grpc
import pytest

from harness.cli import DOWN, FINE, REFUSED, op_agents
from harness.contracts import agents, supervisor
from harness.fleet import Fleet, clean_environment
from harness.ports import free_ports, listens
from harness.processes import FAMILY

EXTERNAL = agents.AGENT_STATE_EXTERNAL


@pytest.fixture(autouse=True)
def given_back(fleet: Fleet) -> Iterator[None]:
    yield
    assert op_agents(fleet, "detach", "memory").returncode == FINE


def attach(fleet: Fleet, *options: str) -> list[str]:
    """Attaches memory and returns the command that op-agents says to run."""
    shown = op_agents(fleet, "attach", "memory", *options)
    assert shown.returncode == FINE, shown.stderr
    (command,) = (line for line in shown.stdout.splitlines() if line.startswith("  env "))
    return shlex.split(command)


@contextmanager
def run_by_hand(command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=clean_environment(),
    )
    FAMILY.expect(process.pid)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        FAMILY.forget(process.pid)


def wait_until(fleet: Fleet, *, answers: bool) -> supervisor.AgentStatus:
    """Waits until the attached agent does, or does not, answer; returns how it is then."""
    for event in fleet.events("memory"):
        if event.to == EXTERNAL:
            status = fleet.status()["memory"]
            if status.state == EXTERNAL and status.accepts_calls == answers:
                return status
    raise AssertionError(f"memory, run by hand, never had accepts_calls = {answers}")


@pytest.mark.parametrize("elsewhere", [False, True], ids=["on its port", "on another port"])
def test_calls_go_to_the_process_that_is_run_by_hand(fleet: Fleet, elsewhere: bool) -> None:
    with fleet.client() as client:
        client.execute("memory", "remember", {"key": "before", "value": "1"})
        ours = fleet.process_of("memory")

        port = free_ports(1)[0] if elsewhere else fleet.ports["memory"]
        command = attach(fleet, *(["--port", str(port)] if elsewhere else []))
        assert not ours.is_alive()
        assert not listens(fleet.ports["memory"])
        assert op_agents(fleet, "status").returncode == DOWN

        with run_by_hand(command) as process:
            status = wait_until(fleet, answers=True)
            assert status.address == f"127.0.0.1:{port}"
            assert status.pid == 0
            assert op_agents(fleet, "status").returncode == FINE
            # The same data, read and written where it always is.
            assert client.execute("memory", "recall", {"key": "before"})["value"] == "1"
            client.execute("memory", "remember", {"key": "by hand", "value": "2"})
            assert process.poll() is None
        assert op_agents(fleet, "detach", "memory").returncode == FINE
        assert client.execute("memory", "recall", {"key": "by hand"})["value"] == "2"
        assert fleet.process_of("memory").is_alive()


def test_the_process_run_by_hand_knows_the_sessions_of_the_fleet(fleet: Fleet) -> None:
    with run_by_hand(attach(fleet)), fleet.client() as client, fleet.client("memory") as direct:
        wait_until(fleet, answers=True)
        client.agents.StartSession(agents.StartSessionRequest(session_id="by-hand"), timeout=30)
        direct.execute("memory", "remember", {"key": "k", "value": "v"}, session="by-hand")
        with pytest.raises(grpc.RpcError) as refused:
            direct.execute("memory", "recall", {"key": "k"}, session="no-such-session")
        assert refused.value.code() == grpc.StatusCode.NOT_FOUND
        client.agents.EndSession(agents.EndSessionRequest(session_id="by-hand"), timeout=30)


def test_a_process_that_dies_by_hand_is_shown_and_not_replaced(fleet: Fleet) -> None:
    with run_by_hand(attach(fleet)) as process, fleet.client() as client:
        wait_until(fleet, answers=True)
        os.kill(process.pid, signal.SIGKILL)
        status = wait_until(fleet, answers=False)
        assert status.pid == 0
        assert not listens(fleet.ports["memory"])
        shown = op_agents(fleet, "status")
        assert shown.returncode == DOWN
        assert "op-agents detach memory" in shown.stdout
        with pytest.raises(grpc.RpcError) as refused:
            client.execute("memory", "recall", {"key": "k"})
        assert refused.value.code() == grpc.StatusCode.UNAVAILABLE
        assert "run by hand" in refused.value.details()


def test_it_is_not_taken_back_while_somebody_listens(fleet: Fleet) -> None:
    with run_by_hand(attach(fleet)) as process:
        wait_until(fleet, answers=True)
        refused = op_agents(fleet, "detach", "memory")
        assert refused.returncode == REFUSED
        assert f"pid {process.pid}" in refused.stderr
        assert "op-agent-memory" in refused.stderr
        assert process.poll() is None
        assert fleet.status()["memory"].state == EXTERNAL


@pytest.mark.parametrize("verb", ["start", "stop", "restart"])
def test_what_is_run_by_hand_is_not_steered(fleet: Fleet, verb: str) -> None:
    with run_by_hand(attach(fleet)) as process:
        wait_until(fleet, answers=True)
        refused = op_agents(fleet, verb, "memory")
        assert refused.returncode == REFUSED
        assert "run by hand" in refused.stderr
        assert process.poll() is None


def test_attaching_again_says_the_same(fleet: Fleet) -> None:
    assert attach(fleet) == attach(fleet)
    elsewhere = op_agents(fleet, "attach", "memory", "--port", str(free_ports(1)[0]))
    assert elsewhere.returncode == REFUSED
    assert "already" in elsewhere.stderr


def test_the_port_of_another_is_refused(fleet: Fleet) -> None:
    for port, owner in [(fleet.port, "the supervisor"), (fleet.ports["rust_pro"], "rust_pro")]:
        refused = op_agents(fleet, "attach", "memory", "--port", str(port))
        assert refused.returncode == REFUSED
        assert owner in refused.stderr
