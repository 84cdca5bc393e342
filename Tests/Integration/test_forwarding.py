"""Any port of the fleet will do: what an agent does not serve itself it forwards."""

from __future__ import annotations

import json

import grpc
import pytest

from harness.client import request
from harness.contracts import agents
from harness.fleet import Fleet


def test_another_agents_operation_through_an_agents_port(fleet: Fleet) -> None:
    with fleet.client("memory") as client:
        version = client.execute("rust_pro", "version", timeout=60)
    assert "cargo" in version


def test_an_empty_agent_id_is_the_agent_whose_port_it_is(fleet: Fleet) -> None:
    with fleet.client("memory") as client:
        response = client.agents.Execute(request("", "list"), timeout=10)
        operations = client.agents.ListOperations(agents.ListOperationsRequest(), timeout=10)
    assert response.agent_id == operations.agent_id == "memory"


def test_sessions_start_and_end_through_an_agents_port(fleet: Fleet) -> None:
    with fleet.client("rust_pro") as client:
        started = client.agents.StartSession(agents.StartSessionRequest(), timeout=30)
        assert {"memory", "rust_pro"} <= set(started.started_agents)
        with fleet.client() as other:
            assert other.execute("memory", "list", session=started.session_id)
        client.agents.EndSession(
            agents.EndSessionRequest(session_id=started.session_id), timeout=30
        )


def test_the_whole_fleet_is_listed_at_every_port(fleet: Fleet) -> None:
    listed = []
    for agent in (None, *fleet.ports):
        with fleet.client(agent) as client:
            answer = client.agents.ListAgents(agents.ListAgentsRequest(), timeout=30)
            listed.append({each.id for each in answer.agents})
    assert listed == [set(fleet.ports)] * len(listed)


def test_a_batch_may_mix_agents(fleet: Fleet) -> None:
    requests = [
        request("", "remember", {"key": "mixed", "value": "v"}),
        request("misbehaving", "echo", {"text": "forwarded"}),
    ]
    with fleet.client("memory") as client:
        answers = list(
            client.agents.BatchExecute(agents.BatchExecuteRequest(requests=requests), timeout=30)
        )
    assert [answer.result.agent_id for answer in answers] == ["memory", "misbehaving"]
    assert json.loads(answers[1].result.result_json)["text"] == "forwarded"


@pytest.mark.parametrize("via", [None, "memory", "misbehaving"])
def test_the_request_id_follows_a_call(fleet: Fleet, via: str | None) -> None:
    call = request("misbehaving", "echo", {"text": "who asked?"})
    with fleet.client(via) as client:
        named = client.agents.Execute(
            call, timeout=30, metadata=[("op-request-id", "asked-by-a-test")]
        )
        unnamed = client.agents.Execute(call, timeout=30)
    assert json.loads(named.result_json)["request_id"] == "asked-by-a-test"
    assert json.loads(unnamed.result_json)["request_id"] not in ("", "asked-by-a-test")


def test_a_forwarded_stream_ends_as_it_does_at_its_source(fleet: Fleet) -> None:
    with fleet.client("memory") as client:
        chunks = list(client.stream("misbehaving", "flood", {"lines": 100}))
    assert len(chunks) == 101
    assert chunks[-1].is_final


@pytest.mark.parametrize(
    ("call", "status"),
    [
        (request("nobody", "x"), grpc.StatusCode.NOT_FOUND),
        (request("rust_pro", "x"), grpc.StatusCode.UNIMPLEMENTED),
        (
            request("misbehaving", "sleep", {"ms": 600_000}, timeout_ms=200),
            grpc.StatusCode.DEADLINE_EXCEEDED,
        ),
    ],
    ids=["unknown agent", "unknown operation", "timeout"],
)
def test_a_status_comes_back_as_it_was(
    fleet: Fleet, call: agents.ExecuteRequest, status: grpc.StatusCode
) -> None:
    with fleet.client("memory") as client, pytest.raises(grpc.RpcError) as raised:
        client.agents.Execute(call, timeout=30)
    assert raised.value.code() == status
