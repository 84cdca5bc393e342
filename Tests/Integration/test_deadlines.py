"""Time limits and cancellation: what is given up is really over."""

from __future__ import annotations

import time
from pathlib import Path

import grpc
import pytest

from harness.client import Client, request
from harness.contracts import agents, rust_pro
from harness.files import wait_for_file
from harness.fleet import Fleet
from harness.places import CRATES
from harness.processes import Process, descendants, still_alive

# A cancelled build gets its grace before SIGKILL.
CANCEL_PATIENCE = 15.0


def test_deadline_of_the_call_ends_it(client: Client) -> None:
    began = time.monotonic()
    with pytest.raises(grpc.RpcError) as raised:
        client.agents.Execute(request("misbehaving", "sleep", {"ms": 600_000}), timeout=0.5)
    assert raised.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("via", [None, "misbehaving"])
def test_timeout_ms_ends_a_call_whose_caller_would_wait(fleet: Fleet, via: str | None) -> None:
    call = request("misbehaving", "sleep", {"ms": 600_000}, timeout_ms=300)
    began = time.monotonic()
    with fleet.client(via) as client, pytest.raises(grpc.RpcError) as raised:
        client.agents.Execute(call, timeout=60)
    assert raised.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    assert 0.3 <= time.monotonic() - began < 10


class SlowBuild:
    """A cargo build that never ends, with children that are hard to end."""

    def __init__(self, fleet: Fleet, scratch: Path) -> None:
        self._pids = scratch / "pids"
        self.agent = fleet.process_of("rust_pro")
        self.arguments = {
            "path": str(fleet.copy_crate(CRATES / "slow")),
            "package": "sleeper",
            "env": {"SLOW_PIDS": str(self._pids)},
        }

    def wait_until_it_runs(self) -> list[Process]:
        """All its processes: cargo, the build script and its children, one of which is an orphan."""
        assert wait_for_file(self._pids, within=60), "the build script never ran"
        *pids, ready = self._pids.read_text().split()
        assert ready == "ready"
        named = {int(pid): Process.find(int(pid)) for pid in pids}
        assert len(named) == 4 and all(named.values()), f"some of {named} have ended already"
        below = {process.pid: process for process in descendants(self.agent.pid)}
        assert any(process.command == "cargo" for process in below.values())
        return list((below | named).values())


@pytest.fixture
def slow_build(fleet: Fleet, scratch: Path) -> SlowBuild:
    return SlowBuild(fleet, scratch)


def test_cancelled_build_leaves_no_process(client: Client, slow_build: SlowBuild) -> None:
    call = client.stream("rust_pro", "build", slow_build.arguments)
    running = slow_build.wait_until_it_runs()
    call.cancel()
    with pytest.raises(grpc.RpcError) as raised:
        list(call)
    assert raised.value.code() == grpc.StatusCode.CANCELLED
    assert still_alive(running, within=CANCEL_PATIENCE) == []
    assert slow_build.agent.is_alive()


def test_cancelled_build_of_the_typed_door_leaves_no_process(
    fleet: Fleet, slow_build: SlowBuild
) -> None:
    cargo = rust_pro.RustProCargoRequest(**slow_build.arguments)
    with fleet.client("rust_pro") as client:
        call = client.rust_pro.Build(cargo, timeout=120)
        running = slow_build.wait_until_it_runs()
        call.cancel()
        assert still_alive(running, within=CANCEL_PATIENCE) == []


def test_a_lost_connection_cancels_its_builds(fleet: Fleet, slow_build: SlowBuild) -> None:
    client = fleet.client()
    call = client.stream("rust_pro", "build", slow_build.arguments)
    running = slow_build.wait_until_it_runs()
    client.close()
    assert still_alive(running, within=CANCEL_PATIENCE) == []
    del call


@pytest.mark.parametrize("via", [None, "rust_pro"])
def test_build_over_its_time_is_gone_when_that_is_answered(
    fleet: Fleet, slow_build: SlowBuild, via: str | None
) -> None:
    # Long enough for the build script to be compiled and to run.
    call = request("rust_pro", "build", slow_build.arguments, timeout_ms=8_000)
    with fleet.client(via) as client:
        answer = client.agents.Execute.future(call, timeout=120)
        running = slow_build.wait_until_it_runs()
        assert answer.exception().code() == grpc.StatusCode.DEADLINE_EXCEEDED
        assert still_alive(running, within=0) == []


@pytest.mark.parametrize("via", [None, "rust_pro"])
def test_the_end_of_a_session_cancels_its_calls(
    fleet: Fleet, slow_build: SlowBuild, via: str | None
) -> None:
    with fleet.client(via) as client:
        started = client.agents.StartSession(agents.StartSessionRequest(), timeout=30)
        call = request("rust_pro", "build", slow_build.arguments, session=started.session_id)
        answer = client.agents.Execute.future(call, timeout=120)
        running = slow_build.wait_until_it_runs()
        end = agents.EndSessionRequest(session_id=started.session_id)
        ended = client.agents.EndSession(end, timeout=30)
        assert answer.exception(timeout=30).code() == grpc.StatusCode.CANCELLED
        assert still_alive(running, within=0) == []
    if via is None:
        assert ended.cancelled_calls == 1
