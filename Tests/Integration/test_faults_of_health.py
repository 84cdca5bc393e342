"""The faults of agents that run and do not answer: a test for each row of the table of faults."""

from __future__ import annotations

from collections.abc import Callable

import grpc
import pytest

from harness.faulty import AGENT, Faulty

MakeFaulty = Callable[..., Faulty]

# So that a test need not wait for long until an agent is found out.
FAST_PROBES = {"interval": "100ms", "timeout": "500ms", "threshold": 2, "busy_timeout": "2s"}


def test_is_stopped_by_sigstop(faulty: MakeFaulty) -> None:
    agent = faulty(probes=FAST_PROBES)
    agent.execute("echo")
    hung = agent.process()
    call = agent.begin("stop")
    found = agent.event("unhealthy", "failed its health probes: no answer within 0.5 seconds")
    assert found.next == "is replaced unless it passes one more probe"
    longer = agent.event("draining", "no answer within 2.0 seconds", after=found.sequence)
    assert longer.at.ToNanoseconds() - found.at.ToNanoseconds() >= 1.99e9
    with pytest.raises(grpc.RpcError) as raised:
        call.result(timeout=30)
    assert raised.value.code() == grpc.StatusCode.UNAVAILABLE
    assert f"cannot finish the call to {AGENT}" in raised.value.details()
    agent.is_back()
    assert not hung.is_alive()
    assert agent.status().restarts == 1


def test_is_busy_for_a_while(faulty: MakeFaulty) -> None:
    agent = faulty(probes={"interval": "100ms", "timeout": "100ms", "threshold": 1, "busy_timeout": "30s"})
    agent.execute("echo")
    busy = agent.process()
    assert agent.begin("spin", ms=1500).result(timeout=60).success
    found = agent.event("unhealthy", "no answer within 0.1 seconds")
    agent.event("serving", "passed a health probe", after=found.sequence)
    assert agent.process().pid == busy.pid
    assert agent.status().restarts == 0


def test_answers_not_serving(faulty: MakeFaulty) -> None:
    agent = faulty(grace="30s", probes=FAST_PROBES)
    agent.execute("echo")
    with agent.fleet.client() as other:
        call = other.agents.Execute.future(agent.request("sleep", {"ms": 800}), timeout=60)
        agent.execute("say_not_serving")
        drains = agent.event("draining", "failed its health probes: its health is NOT_SERVING")
        assert drains.next.startswith("is killed in "), "it answers, so it may drain"
        assert call.result(timeout=60).success
    agent.is_back()
    assert agent.status().restarts == 1


def test_leaks_descriptors(faulty: MakeFaulty) -> None:
    agent = faulty(limits={"open_files": 64}, probes=FAST_PROBES)
    with agent.fleet.client(AGENT) as kept, agent.fleet.client(AGENT) as new:
        kept.execute(AGENT, "echo")
        full = agent.process()
        assert kept.execute(AGENT, "leak_descriptors")["count"] > 0
        # Served over what is open already, which health probes are too.
        kept.execute(AGENT, "echo")
        agent.execute("echo")
        # Waits in the backlog, and is served by the next instance.
        answer = new.agents.Execute.future(
            agent.request("echo"), timeout=60, wait_for_ready=True
        )
        found = agent.event("unhealthy", "it takes no new connections: no answer within 0.5 seconds")
        agent.event("draining", "it takes no new connections", after=found.sequence)
        assert answer.result(timeout=60).success
    agent.is_back()
    assert agent.process().pid != full.pid
    assert agent.status().restarts == 1


def test_eats_memory(faulty: MakeFaulty) -> None:
    agent = faulty(limits={"memory": "1GiB"})
    agent.execute("echo")
    with pytest.raises(grpc.RpcError) as raised:
        agent.execute("eat_memory", timeout=120)
    assert raised.value.code() == grpc.StatusCode.UNAVAILABLE
    agent.event("backing off", "killed by SIGABRT")
    agent.is_back()
    assert "cannot get more memory than" in agent.op_agents("logs", AGENT).stdout
    assert agent.status().last_error == "killed by SIGABRT"
