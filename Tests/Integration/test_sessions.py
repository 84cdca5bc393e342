"""Sessions: how they start, what they need, and the three ways in which they end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from queue import SimpleQueue

import grpc
import pytest

from harness.client import Client, request
from harness.contracts import agents, supervisor
from harness.fleet import Fleet


def start(client: Client, session: str = "", **details: object) -> agents.StartSessionResponse:
    asked = agents.StartSessionRequest(session_id=session, client_name="tests", **details)
    return client.agents.StartSession(asked, timeout=30)


def end(client: Client, session: str) -> agents.EndSessionResponse:
    return client.agents.EndSession(agents.EndSessionRequest(session_id=session), timeout=30)


def sessions(client: Client) -> dict[str, supervisor.SessionInfo]:
    listed = client.supervisor.ListSessions(supervisor.ListSessionsRequest(), timeout=10)
    return {session.session_id: session for session in listed.sessions}


def wait_for_end(fleet: Fleet, session: str, within: float = 30) -> None:
    """Waits as an agent does; asking this way must not renew the lease."""
    held: SimpleQueue[supervisor.HoldSessionRequest | None] = SimpleQueue()
    held.put(supervisor.HoldSessionRequest(session_id=session, agent_id="memory"))
    with fleet.client() as client:
        answers = client.supervisor.HoldSession(iter(held.get, None), timeout=within)
        assert [answer.client_name for answer in answers] == ["tests"]
    held.put(None)


def test_start_names_what_is_warm_and_where_all_agents_are(fleet: Fleet, client: Client) -> None:
    started = start(client)
    assert started.session_id
    assert sorted(started.started_agents) == ["memory", "rust_pro"]
    assert {agent.id: agent.address for agent in started.agents} == {
        name: fleet.address_of(name) for name in fleet.ports
    }


def test_start_is_idempotent(client: Client) -> None:
    first = start(client, "twice", metadata={"user": "ada"})
    second = start(client, "twice")
    assert first.session_id == second.session_id == "twice"
    assert dict(sessions(client)["twice"].metadata) == {"user": "ada"}
    assert list(sessions(client)).count("twice") == 1


def test_ids_are_made_where_none_is_given(client: Client) -> None:
    assert start(client).session_id != start(client).session_id


@pytest.mark.parametrize(
    ("session", "details"),
    [
        ("with space", {}),
        ("x" * 129, {}),
        ("ok", {"metadata": {str(number): "" for number in range(33)}}),
        ("ok", {"metadata": {"large": "x" * 1025}}),
        ("ok", {"metadata": {str(number): "x" * 1000 for number in range(5)}}),
    ],
    ids=["characters", "length", "entries", "size of an entry", "size of all entries"],
)
def test_what_is_no_session_is_refused(
    client: Client, session: str, details: dict[str, object]
) -> None:
    with pytest.raises(grpc.RpcError) as raised:
        start(client, session, **details)
    assert raised.value.code() == grpc.StatusCode.INVALID_ARGUMENT


def test_prewarming_an_unknown_agent_is_refused_by_name(client: Client) -> None:
    with pytest.raises(grpc.RpcError) as raised:
        start(client, prewarm=["nobody"])
    assert raised.value.code() == grpc.StatusCode.NOT_FOUND
    assert "nobody" in raised.value.details()


def test_an_ended_session_is_unknown_and_may_be_ended_again(client: Client) -> None:
    start(client, "short-lived")
    assert client.execute("memory", "list", session="short-lived")
    end(client, "short-lived")
    with pytest.raises(grpc.RpcError) as raised:
        client.execute("memory", "list", session="short-lived")
    assert raised.value.code() == grpc.StatusCode.NOT_FOUND
    end(client, "short-lived")
    assert "short-lived" not in sessions(client)


def test_ending_what_was_never_started_is_not_found(client: Client) -> None:
    with pytest.raises(grpc.RpcError) as raised:
        end(client, "never-started")
    assert raised.value.code() == grpc.StatusCode.NOT_FOUND


def test_a_session_reaches_the_agents_own_ports(fleet: Fleet, client: Client) -> None:
    start(client, "everywhere")
    with fleet.client("misbehaving") as direct:
        assert direct.execute("", "echo", session="everywhere")["session_id"] == "everywhere"
        running = direct.agents.Execute.future(
            request("", "sleep", {"ms": 600_000}, session="everywhere"), timeout=60
        )
        # Answered after the call before it on the same connection was begun.
        direct.execute("", "echo", session="everywhere")
        end(client, "everywhere")
        assert running.exception().code() == grpc.StatusCode.CANCELLED
        with pytest.raises(grpc.RpcError) as raised:
            direct.execute("", "echo", session="everywhere")
    assert raised.value.code() == grpc.StatusCode.NOT_FOUND


class TestShortSessions:
    """Sessions whose lease and grace are short enough to see them run out."""

    @pytest.fixture
    def fleet(self, make_fleet: Callable[..., Fleet]) -> Fleet:
        return make_fleet(
            installed=("memory",), settings={"sessions": {"lease": "1s", "grace": "200ms"}}
        ).start()

    @pytest.fixture
    def client(self, fleet: Fleet) -> Iterator[Client]:
        with fleet.client() as connected:
            yield connected

    def test_a_session_without_calls_ends_with_its_lease(
        self, fleet: Fleet, client: Client
    ) -> None:
        start(client, "idle")
        wait_for_end(fleet, "idle")
        with pytest.raises(grpc.RpcError) as raised:
            client.execute("memory", "list", session="idle")
        assert raised.value.code() == grpc.StatusCode.NOT_FOUND

    def test_a_call_renews_the_lease(self, client: Client) -> None:
        start(client, "busy")
        before = sessions(client)["busy"].expires_at.ToNanoseconds()
        client.agents.Execute(request("memory", "list", session="busy"), timeout=10)
        assert sessions(client)["busy"].expires_at.ToNanoseconds() > before


@pytest.mark.parametrize("port", [None, "memory"], ids=["the supervisor's", "an agent's"])
def test_a_session_ends_after_its_stream_and_the_grace(
    make_fleet: Callable[..., Fleet], port: str | None
) -> None:
    fleet = make_fleet(
        installed=("memory",), settings={"sessions": {"lease": "1h", "grace": "200ms"}}
    ).start()
    with fleet.client() as client, fleet.client(port) as streaming:
        start(client, "streamed")
        heartbeat = agents.SessionRequest(
            correlation_id="1", session_id="streamed", heartbeat=agents.SessionHeartbeat(nonce=1)
        )
        answers = streaming.agents.Session(iter([heartbeat]), timeout=30)
        assert [answer.heartbeat.nonce for answer in answers] == [1]
        wait_for_end(fleet, "streamed")
