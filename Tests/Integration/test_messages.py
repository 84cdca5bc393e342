"""Large messages and many of them: limits are answered, not fallen over."""

from __future__ import annotations

import json

import grpc
import pytest

from harness.client import MIB, Client, request
from harness.contracts import agents, memory
from harness.fleet import Fleet
from harness.ports import connections_to

LIMIT = 4 * MIB
# An agent leaves so much of an answer's 4 MiB to what surrounds the result.
RESERVED = 68 * 1024


def padded(size: int) -> agents.ExecuteRequest:
    """A request of so many bytes: JSON may end with any number of spaces."""
    call = request("misbehaving", "echo", {"text": "padded"})
    # The greater length of the text takes three more bytes itself.
    call.arguments_json += " " * (size - call.ByteSize() - 3)
    assert call.ByteSize() == size
    return call


@pytest.mark.parametrize("via", [None, "misbehaving"])
def test_nearly_four_mebibytes_go_both_ways(fleet: Fleet, via: str | None) -> None:
    text = "0123456789abcdef" * ((LIMIT - RESERVED) // 16)
    with fleet.client(via) as client:
        assert client.execute("misbehaving", "echo", {"text": text})["text"] == text


@pytest.mark.parametrize("via", [None, "misbehaving"])
def test_the_largest_request_is_served(fleet: Fleet, via: str | None) -> None:
    with fleet.client(via) as client:
        assert client.agents.Execute(padded(LIMIT), timeout=30).success


@pytest.mark.parametrize("via", [None, "misbehaving"])
def test_a_larger_request_is_refused_and_the_connection_lives(
    fleet: Fleet, via: str | None
) -> None:
    with fleet.client(via) as client:
        with pytest.raises(grpc.RpcError) as raised:
            client.agents.Execute(padded(LIMIT + 1), timeout=30)
        assert raised.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
        assert client.execute("misbehaving", "echo", {"text": "still here"})["text"] == "still here"


def test_a_value_over_its_limit_is_named(fleet: Fleet) -> None:
    with fleet.client("memory") as client, pytest.raises(grpc.RpcError) as raised:
        client.memory.Remember(
            memory.MemoryRememberRequest(key="large", value="x" * (MIB + 1)), timeout=30
        )
    assert raised.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert str(MIB) in raised.value.details()


def test_the_largest_value_is_stored(fleet: Fleet) -> None:
    value = "é" * (MIB // 2)
    with fleet.client("memory") as client:
        remember = memory.MemoryRememberRequest(key="largest", value=value)
        client.memory.Remember(remember, timeout=30)
        recalled = client.memory.Recall(memory.MemoryRecallRequest(key="largest"), timeout=30)
    assert recalled.value == value


@pytest.mark.parametrize("via", [None, "misbehaving"])
def test_a_thousand_calls_at_once_share_one_connection(fleet: Fleet, via: str | None) -> None:
    with fleet.client(via) as client:
        # The agent is started by the first call; the others should all meet it running.
        client.execute("misbehaving", "echo", {"text": "warm"})
        before = connections_to(fleet.port if via is None else fleet.ports[via])
        # Different ones, or they would share one run.
        calls = [
            client.agents.Execute.future(
                request("misbehaving", "sleep", {"ms": 1000 + number}), timeout=60
            )
            for number in range(1000)
        ]
        succeeded = sum(call.result().success for call in calls)
        after = connections_to(fleet.port if via is None else fleet.ports[via])
    assert succeeded == 1000
    assert after == before


def test_a_thousand_writes_at_once_are_all_there(fleet: Fleet) -> None:
    with fleet.client("memory") as client:
        calls = [
            client.memory.Remember.future(
                memory.MemoryRememberRequest(key=f"at-once-{number}", value=str(number)), timeout=60
            )
            for number in range(1000)
        ]
        for call in calls:
            call.result()
        listed = client.memory.List(
            memory.MemoryListRequest(pattern="at-once-*", limit=1000), timeout=30
        )
    assert listed.total == 1000


def test_a_flood_of_output_arrives_whole_and_in_order(client: Client) -> None:
    chunks = list(client.stream("misbehaving", "flood", {"lines": 20_000, "bytes": 1000}))
    lines = [chunk.content for chunk in chunks if not chunk.is_final]
    assert [int(line.split()[0]) for line in lines] == list(range(20_000))
    assert chunks[-1].is_final
    assert json.loads(chunks[-1].result_json)["lines"] == 20_000
