"""On-demand agents: what starts them, what keeps them, and when they are reaped."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from grpc_health.v1 import health_pb2

from conftest import MISBEHAVING
from harness.contracts import agents
from harness.fleet import Fleet

IDLE = 0.3
STOPPED, STARTING, SERVING = (
    agents.AGENT_STATE_STOPPED,
    agents.AGENT_STATE_STARTING,
    agents.AGENT_STATE_SERVING,
)


@pytest.fixture
def fleet(make_fleet: Callable[..., Fleet]) -> Fleet:
    """A fleet that reaps soon."""
    return make_fleet(
        installed=("memory",),
        manifests={"misbehaving": MISBEHAVING},
        settings={"sessions": {"idle_timeout": f"{IDLE * 1000:.0f}ms"}},
    ).start()


def state(fleet: Fleet) -> int:
    return fleet.status()["misbehaving"].state


def wait_for_reaping(fleet: Fleet) -> list[int]:
    """The states that it went through until it had served and was stopped again."""
    passed: list[int] = []
    for event in fleet.events("misbehaving", within=30):
        passed.append(event.to)
        if SERVING in passed and event.to == STOPPED:
            return passed
    raise AssertionError(f"it was not reaped; it went through {passed}")


def test_it_does_not_run_until_it_is_needed(fleet: Fleet) -> None:
    assert state(fleet) == STOPPED
    assert fleet.status()["misbehaving"].pid == 0


def test_the_first_call_starts_it_and_idleness_ends_it(fleet: Fleet) -> None:
    with fleet.client() as client:
        assert client.execute("misbehaving", "echo", {"text": "hello"})["text"] == "hello"
    process = fleet.process_of("misbehaving")
    passed = wait_for_reaping(fleet)
    assert passed.index(STARTING) < passed.index(SERVING)
    assert not process.is_alive()
    assert fleet.status()["misbehaving"].restarts == 0, "to be reaped is no failure"


def test_the_first_connection_to_its_port_starts_it(fleet: Fleet) -> None:
    with fleet.client("misbehaving") as client:
        assert client.serving()
        assert client.execute("", "echo", {"text": "direct"})["text"] == "direct"
    wait_for_reaping(fleet)


def test_it_starts_again_after_it_was_reaped(fleet: Fleet) -> None:
    with fleet.client() as client:
        client.execute("misbehaving", "echo", {"text": "first"})
        wait_for_reaping(fleet)
        assert client.execute("misbehaving", "echo", {"text": "second"})["text"] == "second"


def test_a_session_prewarms_it_and_keeps_it(fleet: Fleet) -> None:
    with fleet.client() as client:
        started = client.agents.StartSession(
            agents.StartSessionRequest(prewarm=["misbehaving"]), timeout=30
        )
        fleet.wait_for_state("misbehaving", SERVING)
        # Much longer than it may be idle: only the session keeps it.
        later = list(fleet.events("misbehaving", within=IDLE * 5))
        assert later[-1].to == SERVING
        client.agents.EndSession(
            agents.EndSessionRequest(session_id=started.session_id), timeout=30
        )
        wait_for_reaping(fleet)


def test_a_running_call_keeps_it(fleet: Fleet) -> None:
    with fleet.client() as client:
        slept = client.execute("misbehaving", "sleep", {"ms": int(IDLE * 5000)})
    assert slept["summary"]


def test_calls_on_its_own_port_keep_it(make_fleet: Callable[..., Fleet]) -> None:
    fleet = make_fleet(
        installed=("memory",),
        manifests={"misbehaving": MISBEHAVING},
        settings={"sessions": {"idle_timeout": "2s"}},
    ).start()
    with fleet.client("misbehaving") as client:
        assert client.serving()
        process = fleet.process_of("misbehaving")
        # One call that takes longer than the agent may be idle, without a session.
        chunks = list(client.stream("", "sleep", {"ms": 5000}))
        assert chunks[-1].is_final and chunks[-1].success
        assert fleet.status()["misbehaving"].pid == process.pid
        # Many short ones for as long.
        until = time.monotonic() + 5
        while time.monotonic() < until:
            client.execute("", "echo", {"text": "again"})
        assert fleet.status()["misbehaving"].pid == process.pid
        # Its health is asked for all the time, and that is no use of it.
        watch = client.health.Watch(health_pb2.HealthCheckRequest(), timeout=60)
        next(watch)
        wait_for_reaping(fleet)
    assert not process.is_alive()
    assert fleet.status()["misbehaving"].restarts == 0


def test_prewarming_is_configured_by_client(make_fleet: Callable[..., Fleet]) -> None:
    fleet = make_fleet(
        installed=("memory",),
        manifests={"misbehaving": MISBEHAVING},
        settings={"sessions": {"prewarm": {"op-chat": ["misbehaving"]}}},
    ).start()
    with fleet.client() as client:
        client.agents.StartSession(agents.StartSessionRequest(client_name="op-web"), timeout=30)
        assert state(fleet) == STOPPED
        client.agents.StartSession(agents.StartSessionRequest(client_name="op-chat"), timeout=30)
        fleet.wait_for_state("misbehaving", SERVING)
