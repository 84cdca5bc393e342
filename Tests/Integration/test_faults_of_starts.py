"""The faults of agents that start and end: a test for each row of the table of faults."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import grpc
import pytest

from harness.faulty import AGENT, Faulty
from harness.ports import listens

MakeFaulty = Callable[..., Faulty]
# A call to an agent that is known not to work may not wait for anything.
AT_ONCE = 1.0


def test_exits_before_ready(faulty: MakeFaulty) -> None:
    agent = faulty("exit-before-ready")
    shown = agent.op_agents("start", AGENT)
    assert shown.returncode != 0
    assert f"cannot start {AGENT}: it exited with code 3" in shown.stderr
    assert "exits before it is ready, as asked" in shown.stderr, "the last lines of its output"
    failed = agent.event("backing off", "exited with code 3")
    assert failed.next.startswith("starts again in ")
    assert agent.status().last_error == "exited with code 3"
    assert agent.status().restarts >= 1
    # Nothing refuses meanwhile: who connects waits for an instance that serves.
    assert listens(agent.fleet.ports[AGENT])


def test_exits_right_after_ready(faulty: MakeFaulty) -> None:
    agent = faulty("exit-after-ready")
    call = agent.begin("echo")
    delays = []
    while True:
        failed = agent.event("backing off", after=delays[-1].sequence if delays else 0)
        delays.append(failed)
        if len(delays) == 5:
            break
    degraded = agent.event("degraded", "exited with code 4", after=delays[-1].sequence)
    milliseconds = [int(each.next.split()[3]) for each in delays]
    for number, delay in enumerate(milliseconds):
        assert 0.8 * 100 * 2**number - 1 <= delay <= 1.2 * 100 * 2**number
    assert degraded.next in [f"starts again in {seconds} s" for seconds in range(23, 31)]

    # Whoever waited is told, and whoever comes is told at once.
    for answer in (call, agent.begin("echo")):
        began = time.monotonic()
        with pytest.raises(grpc.RpcError) as raised:
            answer.result(timeout=30)
        assert raised.value.code() == grpc.StatusCode.UNAVAILABLE
        assert "it exited with code 4" in raised.value.details()
        assert time.monotonic() - began < AT_ONCE
    assert not listens(agent.fleet.ports[AGENT])
    assert f"{AGENT}: exited with code 4; starts again in " in agent.status_line()
    assert agent.status().restarts == 6
    assert "degraded" in agent.op_agents("status").stdout


def test_never_becomes_ready(faulty: MakeFaulty) -> None:
    agent = faulty("never-ready", start_timeout="500ms")
    shown = agent.op_agents("start", AGENT)
    assert shown.returncode != 0
    assert f"cannot start {AGENT}: it did not say READY=1 within 0.5 seconds" in shown.stderr
    assert "will never be ready, as asked" in shown.stderr
    starting = agent.event("starting")
    assert starting.next == "must serve within 500 ms"
    killed = agent.event("draining", "did not say READY=1", after=starting.sequence)
    assert killed.at.ToNanoseconds() - starting.at.ToNanoseconds() >= 0.49e9
    agent.event("backing off", "did not say READY=1", after=killed.sequence)


def test_is_ready_late(faulty: MakeFaulty, scratch: Path) -> None:
    gate = scratch / "gate"
    os.mkfifo(gate)
    agent = faulty(
        "ready-late", environment={"MISBEHAVE_GATE": str(gate)}, start_timeout="60s"
    )
    routed = agent.begin("echo", text="routed")
    agent.event("starting")
    with agent.fleet.client(AGENT) as direct:
        # Connected, although nobody accepts yet: the port is the supervisor's.
        assert listens(agent.fleet.ports[AGENT])
        assert not routed.done()
        gate.open("w").close()
        assert routed.result(timeout=60).success
        direct.execute(AGENT, "echo", {"text": "direct"})
    assert agent.status().restarts == 0


def test_binds_its_port_itself(faulty: MakeFaulty) -> None:
    agent = faulty()
    port = agent.fleet.ports[AGENT]
    agent.fleet.write_configuration({"agents": {AGENT: {"args": ["--port", str(port)]}}})
    assert agent.op_agents("reload").returncode == 0
    shown = agent.op_agents("start", AGENT)
    assert shown.returncode != 0
    assert "exited with code 1" in shown.stderr
    assert f"127.0.0.1:{port}" in shown.stderr
    assert "Address already in use" in shown.stderr


def test_ignores_sigterm(faulty: MakeFaulty) -> None:
    agent = faulty("ignore-sigterm", grace="500ms")
    agent.execute("echo")
    process = agent.process()
    assert agent.op_agents("stop", AGENT).returncode == 0
    assert not process.is_alive()
    asked = agent.event("draining", "was told to stop")
    assert asked.next == "is killed in 500 ms"
    killed = agent.event("draining", "did not end in time", after=asked.sequence)
    assert 0.49e9 <= killed.at.ToNanoseconds() - asked.at.ToNanoseconds()
    agent.event("stopped", "killed by SIGKILL", after=killed.sequence)
    assert agent.status().restarts == 0, "being stopped is no failure"
    with pytest.raises(grpc.RpcError) as raised:
        agent.execute("echo")
    assert raised.value.code() == grpc.StatusCode.UNAVAILABLE
    assert f"start it with op-agents start {AGENT}" in raised.value.details()


@pytest.mark.parametrize(
    ("ending", "cause"),
    [
        ({"signal": signal.SIGKILL}, "killed by SIGKILL"),
        ({"signal": 0, "code": 7}, "exited with code 7"),
    ],
    ids=["SIGKILL", "exit"],
)
def test_ends_in_the_middle_of_a_call(faulty: MakeFaulty, ending: dict[str, int], cause: str) -> None:
    agent = faulty()
    agent.execute("echo")
    with agent.fleet.client(AGENT) as direct:
        direct.execute(AGENT, "echo")
        with pytest.raises(grpc.RpcError) as raised:
            agent.execute("crash", **ending)
        assert raised.value.code() == grpc.StatusCode.UNAVAILABLE
        assert f"cannot finish the call to {AGENT}" in raised.value.details()
        # The next call waits for the next instance, wherever it comes in.
        agent.execute("echo")
        assert direct.agents.Execute(
            agent.request("echo"), timeout=60, wait_for_ready=True
        ).success
    agent.event("backing off", cause)
    assert agent.status().restarts == 1
    assert agent.status().last_error == cause
