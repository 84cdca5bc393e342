"""Every kind of call, and what is answered to a call that cannot be carried out."""

from __future__ import annotations

import json
from queue import SimpleQueue

import grpc
import pytest

from harness.client import Client, request
from harness.contracts import agents, memory
from harness.fleet import Fleet

ALL_BYTES = bytes(range(256))


def test_unary_call_answers_with_an_envelope(client: Client) -> None:
    response = client.agents.Execute(
        request("memory", "store", {"key": "unary", "value": "one"}), timeout=10
    )
    assert response.success
    assert response.agent_id == "memory"
    assert response.operation == "remember", "an alias is answered with the operation's own name"
    assert response.execution_time_us > 0
    result = json.loads(response.result_json)
    assert result["key"] == "unary"
    assert result["summary"]
    assert result["duration_ms"] >= 0


def test_a_miss_is_an_answer(client: Client) -> None:
    assert client.execute("memory", "recall", {"key": "never stored"})["found"] is False


def test_arguments_are_coerced_and_taken_in_both_cases(client: Client) -> None:
    client.execute("memory", "remember", {"key": "coerced", "value": "v", "ttlSecs": "3600"})
    recalled = client.execute("memory", "recall", {"key": "coerced"})
    assert recalled["found"] is True


def test_server_stream_answers_in_the_order_of_the_request(fleet: Fleet) -> None:
    with fleet.client("memory") as client:
        for number in range(3):
            remember = memory.MemoryRememberRequest(key=f"stream-{number}", value=str(number))
            client.memory.Remember(remember, timeout=10)
        keys = ["stream-2", "stream-missing", "stream-0"]
        entries = list(
            client.memory.BulkRecall(memory.MemoryBulkRecallRequest(keys=keys), timeout=10)
        )
    assert [entry.key for entry in entries] == keys
    assert [entry.found for entry in entries] == [True, False, True]
    assert entries[0].value == "2"


def test_client_stream_stores_what_is_right_and_says_what_is_wrong(fleet: Fleet) -> None:
    entries = [memory.MemoryRememberRequest(key=f"bulk-{n}", value=str(n)) for n in range(1000)]
    entries[500].key = "x" * 513
    with fleet.client("memory") as client:
        answer = client.memory.BulkRemember(iter(entries), timeout=30)
        found = client.memory.Recall(memory.MemoryRecallRequest(key="bulk-999"), timeout=10)
    assert answer.stored == 999
    assert [error.index for error in answer.errors] == [500]
    assert "512" in answer.errors[0].message
    assert found.value == "999"


def test_execute_stream_counts_its_chunks_and_ends_with_a_result(client: Client) -> None:
    chunks = list(client.stream("memory", "remember", {"key": "streamed", "value": "v"}))
    assert [chunk.sequence for chunk in chunks] == list(range(len(chunks)))
    assert [chunk.is_final for chunk in chunks] == [False] * (len(chunks) - 1) + [True]
    assert chunks[-1].stream_type == agents.STREAM_TYPE_RESULT
    assert chunks[-1].success
    assert json.loads(chunks[-1].result_json)["key"] == "streamed"


class Conversation:
    """A Session stream, written to and read from at will."""

    def __init__(self, client: Client, session: str) -> None:
        self._requests: SimpleQueue[agents.SessionRequest | None] = SimpleQueue()
        self.responses = client.agents.Session(iter(self._requests.get, None), timeout=60)
        self._session = session

    def say(self, correlation: str, **message: object) -> None:
        self._requests.put(
            agents.SessionRequest(
                correlation_id=correlation, session_id=self._session, **message
            )
        )

    def execute(self, correlation: str, *call: object, stream: bool = False) -> None:
        execute = agents.SessionExecute(request=request(*call), stream=stream)
        self.say(correlation, execute=execute)

    def hear(self) -> agents.SessionResponse:
        return next(self.responses)

    def hear_all(self, count: int) -> dict[str, agents.SessionResponse]:
        return {answer.correlation_id: answer for answer in (self.hear() for _ in range(count))}

    def end(self) -> None:
        self._requests.put(None)


@pytest.fixture
def conversation(client: Client) -> Conversation:
    started = client.agents.StartSession(agents.StartSessionRequest(), timeout=30)
    conversation = Conversation(client, started.session_id)
    yield conversation
    conversation.end()
    assert list(conversation.responses) == [], "nothing follows the last answer"


def test_session_stream_answers_by_correlation_id(conversation: Conversation) -> None:
    conversation.say("beat", heartbeat=agents.SessionHeartbeat(nonce=42))
    conversation.execute("write", "memory", "remember", {"key": "talk", "value": "said"})
    conversation.execute("wrong", "memory", "no_such_operation")
    answers = conversation.hear_all(3)
    assert answers["beat"].heartbeat.nonce == 42
    assert answers["write"].result.success
    assert answers["wrong"].error.code == agents.STATUS_CODE_UNIMPLEMENTED
    assert "remember" in answers["wrong"].error.message


def test_session_stream_cancels_one_call_and_leaves_the_others(conversation: Conversation) -> None:
    conversation.execute("long", "misbehaving", "sleep", {"ms": 600_000})
    conversation.execute("short", "misbehaving", "echo", {"text": "still here"})
    assert conversation.hear().correlation_id == "short"
    conversation.say("long", cancel=agents.SessionCancel())
    cancelled = conversation.hear()
    assert cancelled.correlation_id == "long"
    assert cancelled.error.code == agents.STATUS_CODE_CANCELLED


def test_session_stream_passes_chunks_on(conversation: Conversation) -> None:
    conversation.execute("chunks", "memory", "list", {"limit": 1}, stream=True)
    final = conversation.hear()
    while not final.chunk.is_final:
        final = conversation.hear()
    assert final.chunk.success


def test_batch_in_order_answers_in_order(client: Client) -> None:
    requests = [request("memory", "remember", {"key": f"batch-{n}", "value": "v"}) for n in range(50)]
    requests[7] = request("memory", "no_such_operation")
    answers = list(
        client.agents.BatchExecute(agents.BatchExecuteRequest(requests=requests), timeout=30)
    )
    assert [answer.index for answer in answers] == list(range(50))
    assert answers[7].error.code == agents.STATUS_CODE_UNIMPLEMENTED
    assert all(answer.result.success for answer in answers if answer.index != 7)


def test_parallel_batch_answers_as_calls_finish(client: Client) -> None:
    requests = [
        request("misbehaving", "sleep", {"ms": 2000}),
        request("misbehaving", "echo", {"text": "first"}),
    ]
    answers = list(
        client.agents.BatchExecute(
            agents.BatchExecuteRequest(requests=requests, parallel=True), timeout=30
        )
    )
    assert [answer.index for answer in answers] == [1, 0]


def test_the_fleet_lists_its_agents_and_their_operations(client: Client, fleet: Fleet) -> None:
    listed = client.agents.ListAgents(agents.ListAgentsRequest(), timeout=10).agents
    assert {agent.id: agent.address for agent in listed} == {
        name: fleet.address_of(name) for name in fleet.ports
    }
    assert {agent.id for agent in listed if agent.on_demand} == {"misbehaving"}

    operations = client.agents.ListOperations(
        agents.ListOperationsRequest(agent_id="memory"), timeout=10
    ).operations
    remember = next(operation for operation in operations if operation.name == "remember")
    assert list(remember.aliases) == ["store"]
    assert not remember.read_only
    schema = json.loads(remember.arguments_schema_json)
    assert schema["type"] == "object"
    assert {"key", "value"} <= set(schema["required"])


@pytest.mark.parametrize(
    ("call", "status", "named"),
    [
        pytest.param(request("nobody", "x"), "NOT_FOUND", "nobody", id="unknown agent"),
        pytest.param(request("memory", "x"), "UNIMPLEMENTED", "remember", id="unknown operation"),
        pytest.param(
            request("memory", "recall", {"key": "k", "colour": "blue"}),
            "INVALID_ARGUMENT",
            "namespace",
            id="unknown key, answered with those that exist",
        ),
        pytest.param(
            request("memory", "recall", {}), "INVALID_ARGUMENT", "key", id="missing argument"
        ),
        pytest.param(
            request("memory", "list", {"limit": "many"}), "INVALID_ARGUMENT", "limit", id="wrong type"
        ),
        pytest.param(
            agents.ExecuteRequest(agent_id="memory", operation="list", arguments_json="{"),
            "INVALID_ARGUMENT",
            "JSON",
            id="broken JSON",
        ),
        pytest.param(
            agents.ExecuteRequest(agent_id="memory", operation="list", arguments_json="[]"),
            "INVALID_ARGUMENT",
            "object",
            id="JSON that is no object",
        ),
        pytest.param(
            request("memory", "list", session="nobody-started-it"),
            "NOT_FOUND",
            "nobody-started-it",
            id="unknown session",
        ),
        pytest.param(
            request("rust_pro", "build", {"path": "/etc"}), "PERMISSION_DENIED", "/etc", id="outside"
        ),
    ],
)
@pytest.mark.parametrize("method", ["Execute", "ExecuteStream"])
def test_a_call_that_cannot_be_carried_out(
    client: Client, method: str, call: agents.ExecuteRequest, status: str, named: str
) -> None:
    with pytest.raises(grpc.RpcError) as raised:
        answer = getattr(client.agents, method)(call, timeout=30)
        if method == "ExecuteStream":
            list(answer)
    assert raised.value.code() == grpc.StatusCode[status]
    assert named in raised.value.details()


def test_metadata_may_be_binary_and_repeated(fleet: Fleet) -> None:
    metadata = [
        ("op-request-id", "from-a-test"),
        ("trace-bin", ALL_BYTES),
        ("trace-bin", ALL_BYTES[::-1]),
        ("colour", "blue"),
        ("colour", "green"),
        ("long", "x" * 4096),
    ]
    for agent in (None, "memory"):
        with fleet.client(agent) as client:
            call = request("memory", "list")
            assert client.agents.Execute(call, timeout=10, metadata=metadata).success


def test_messages_with_any_character_reach_the_caller_in_trailers(client: Client) -> None:
    with pytest.raises(grpc.RpcError) as raised:
        client.execute("memory", "größe 100 % ☃")
    assert raised.value.code() == grpc.StatusCode.UNIMPLEMENTED
    assert "größe 100 % ☃" in raised.value.details()
