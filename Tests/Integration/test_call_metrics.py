"""What a scrape says of calls: each is counted once, wherever it came in and however it ended."""

from __future__ import annotations

import os
import random
import signal
import string
import time
from collections.abc import Callable

import grpc
import pytest

from conftest import MISBEHAVING
from harness.client import Client, request
from harness.contracts import agents, memory, metrics, supervisor
from harness.fleet import Fleet
from harness.load import kill
from harness.metrics import Scrape, scrape

MakeFleet = Callable[..., Fleet]


@pytest.fixture
def fleet(make_fleet: MakeFleet) -> Fleet:
    """A fleet that nobody has called yet."""
    return make_fleet(installed=("memory",), manifests={"misbehaving": MISBEHAVING}).start()


def counted(found: Scrape, agent: str) -> dict[tuple[str, str, str], float]:
    """The calls of an agent by operation, status and who counted them."""
    family = found.families["op_agents_requests"]
    return {
        (each.labels["operation"], each.labels["status"], each.labels["counted_by"]): each.value
        for each in family.samples
        if each.labels.get("agent", "") == agent and each.value > 0
    }


def fails(call: Callable[[], object]) -> grpc.StatusCode:
    with pytest.raises(grpc.RpcError) as raised:
        call()
    return raised.value.code()


def converse(client: Client, session: str, *requests: agents.ExecuteRequest) -> int:
    """Makes calls in a conversation, and returns how many were answered with an error."""
    asked = [
        agents.SessionRequest(
            correlation_id=str(number),
            session_id=session,
            execute=agents.SessionExecute(request=each),
        )
        for number, each in enumerate(requests)
    ]
    answers = list(client.agents.Session(iter(asked), timeout=30))
    assert len(answers) == len(requests)
    return sum(answer.HasField("error") for answer in answers)


def test_calls_are_counted_once_through_every_door(fleet: Fleet) -> None:
    recall = request("memory", "recall", {"key": "a"})
    wrong = request("memory", "no such operation")
    with fleet.client() as whole, fleet.client("memory") as agent:
        for client in (whole, agent):
            client.execute("memory", "store", {"key": "a", "value": "1"})
            client.agents.Execute(recall, timeout=30)
            assert len(list(client.agents.ExecuteStream(recall, timeout=30))) == 1
            batch = agents.BatchExecuteRequest(requests=[recall, wrong, recall], parallel=True)
            assert len(list(client.agents.BatchExecute(batch, timeout=30))) == 3
            session = client.agents.StartSession(agents.StartSessionRequest(), timeout=30).session_id
            assert converse(client, session, recall, wrong) == 1
        for _ in range(5):
            agent.memory.Remember(memory.MemoryRememberRequest(key="b", value="2"), timeout=30)
        agent.memory.Recall(memory.MemoryRecallRequest(key="b"), timeout=30)
        agent.memory.List(memory.MemoryListRequest(), timeout=30)
        assert len(list(agent.memory.BulkRecall(
            memory.MemoryBulkRecallRequest(keys=["a", "b"]), timeout=30
        ))) == 2
        assert fails(lambda: agent.memory.Recall(memory.MemoryRecallRequest(), timeout=30))
        assert fails(lambda: agent.memory.List(memory.MemoryListRequest(limit=1 << 30), timeout=30))

    found = scrape(fleet.metrics_port)
    assert counted(found, "memory") == {
        # Two by the alias, five by the typed service.
        ("remember", "OK", "agent"): 7,
        # At either door: one, a stream, two in a batch, one in a conversation; and a typed one.
        ("recall", "OK", "agent"): 11,
        ("recall", "INVALID_ARGUMENT", "agent"): 1,
        ("list", "OK", "agent"): 1,
        ("list", "INVALID_ARGUMENT", "agent"): 1,
        ("bulk_recall", "OK", "agent"): 1,
        ("other", "UNIMPLEMENTED", "agent"): 4,
    }
    assert found.total("op_agents_errors_total", agent="memory") == 6
    took = "op_agents_request_duration_seconds"
    assert found.value(f"{took}_count", agent="memory", operation="recall") == 12
    assert found.value(f"{took}_bucket", agent="memory", operation="recall", le="+Inf") == 12
    assert found.value(f"{took}_sum", agent="memory", operation="recall") > 0
    chunks = "op_agents_streaming_chunks_total"
    assert found.value(chunks, agent="memory", operation="recall") == 2
    assert found.value(chunks, agent="memory", operation="bulk_recall") == 2
    assert found.value(chunks, agent="memory", operation="list") is None


def test_the_chunks_of_a_stream_are_counted(fleet: Fleet) -> None:
    with fleet.client() as client:
        chunks = list(client.stream("misbehaving", "flood", {"lines": 500}))
    found = scrape(fleet.metrics_port)
    counted_chunks = found.value("op_agents_streaming_chunks_total", operation="flood")
    assert counted_chunks == len(chunks) == 501


def test_cancelled_and_late_calls_are_counted_as_such(fleet: Fleet) -> None:
    with fleet.client("misbehaving") as client:
        late = request("misbehaving", "sleep", {"ms": 60_000}, timeout_ms=50)
        assert fails(lambda: client.agents.Execute(late, timeout=30)).name == "DEADLINE_EXCEEDED"
        running = client.stream("misbehaving", "flood", {"lines": 10_000_000})
        next(iter(running))
        running.cancel()
    deadline = time.monotonic() + 30
    expected = {("sleep", "DEADLINE_EXCEEDED", "agent"): 1.0, ("flood", "CANCELLED", "agent"): 1.0}
    # The caller does not wait for the end of what it cancels.
    while counted(scrape(fleet.metrics_port), "misbehaving") != expected:
        assert time.monotonic() < deadline, counted(scrape(fleet.metrics_port), "misbehaving")


def test_names_that_callers_invent_do_not_grow_the_scrape(fleet: Fleet) -> None:
    def call(client: Client, agent: str, number: int) -> None:
        name = "".join(random.choices(string.printable, k=12)) + str(number)
        fails(lambda: client.agents.Execute(request(agent, name), timeout=30))

    with fleet.client() as whole, fleet.client("memory") as agent:
        for client in (whole, agent):
            call(client, "memory", 0)
        call(whole, "nobody", 0)
        before = scrape(fleet.metrics_port)
        for number in range(1, 500):
            call(whole, "memory", number)
            call(agent, "memory", number)
            call(whole, f"nobody-{number}", number)
    after = scrape(fleet.metrics_port)
    # Durations may fill other buckets, which are there before; no line is new.
    assert len(after.text.splitlines()) == len(before.text.splitlines())
    assert counted(after, "memory") == {("other", "UNIMPLEMENTED", "agent"): 1000}
    assert counted(after, "") == {("other", "NOT_FOUND", "supervisor"): 500}


def test_the_supervisor_counts_what_no_agent_was_asked(fleet: Fleet) -> None:
    with fleet.client() as client:
        client.execute("misbehaving", "echo")
        client.supervisor.Stop(supervisor.StopRequest(agent_id="misbehaving"), timeout=30)
        for _ in range(3):
            assert fails(lambda: client.execute("misbehaving", "echo")).name == "UNAVAILABLE"
    found = scrape(fleet.metrics_port)
    assert counted(found, "misbehaving") == {("echo", "UNAVAILABLE", "supervisor"): 3}


def test_a_call_whose_agent_dies_is_counted_by_the_supervisor(fleet: Fleet) -> None:
    with fleet.client() as client:
        assert fails(lambda: client.execute("misbehaving", "crash")).name == "UNAVAILABLE"
    fleet.wait_for_state("misbehaving", agents.AGENT_STATE_BACKING_OFF, agents.AGENT_STATE_STOPPED)
    found = scrape(fleet.metrics_port)
    assert counted(found, "misbehaving") == {("other", "UNAVAILABLE", "supervisor"): 1}


def test_counters_begin_anew_with_the_agents_process(fleet: Fleet) -> None:
    with fleet.client() as client:
        for _ in range(3):
            client.execute("memory", "recall", {"key": "a"})
        before = scrape(fleet.metrics_port)
        assert counted(before, "memory") == {("recall", "OK", "agent"): 3}
        kill(fleet.process_of("memory"))
        # A call that comes before the supervisor has seen the end is broken off.
        fleet.wait_until_served("memory", 2)
        client.execute("memory", "recall", {"key": "a"})
    after = scrape(fleet.metrics_port)
    assert counted(after, "memory") == {("recall", "OK", "agent"): 1}
    assert after.value("op_agents_restarts_total", agent="memory") == 1


def test_an_agent_that_hangs_is_left_out_and_keeps_nobody(fleet: Fleet) -> None:
    with fleet.client() as client:
        client.execute("misbehaving", "echo")
    hanging = fleet.process_of("misbehaving")
    os.kill(hanging.pid, signal.SIGSTOP)
    try:
        found = scrape(fleet.metrics_port)
    finally:
        os.kill(hanging.pid, signal.SIGCONT)
    assert found.value("op_agents_scrape_success", agent="misbehaving") == 0
    assert found.value("op_agents_scrape_success", agent="memory") == 1
    assert counted(found, "misbehaving") == {}


def test_being_scraped_is_no_use_that_keeps_an_agent_running(make_fleet: MakeFleet) -> None:
    fleet = make_fleet(
        installed=("memory",),
        manifests={"misbehaving": MISBEHAVING},
        settings={"sessions": {"idle_timeout": "2s"}},
    ).start()
    with fleet.client() as client:
        client.execute("misbehaving", "echo")
    deadline = time.monotonic() + 60
    while scrape(fleet.metrics_port).value("op_agents_up", agent="misbehaving") == 1:
        assert time.monotonic() < deadline, "it was not reaped while it was scraped"


def test_agents_and_the_supervisor_say_the_same_by_grpc(fleet: Fleet) -> None:
    ask = metrics.ReadMetricsRequest()
    with fleet.client() as whole, fleet.client("memory") as agent:
        agent.execute("memory", "recall", {"key": "a"})
        of_fleet = whole.metrics.ReadMetrics(ask, timeout=30)
        of_agent = agent.metrics.ReadMetrics(ask, timeout=30)
    assert [each.agent_id for each in of_agent.agents] == ["memory"]
    assert not of_agent.HasField("fleet")
    assert of_fleet.HasField("fleet")
    found = {each.agent_id: each for each in of_fleet.agents}
    assert set(found) == {"memory", "misbehaving"}
    assert list(found["memory"].operations) == list(of_agent.agents[0].operations)
