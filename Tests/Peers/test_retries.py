"""Retries and hedging as GRPCCore configures them, counted at the server (gRFC A6, "Client Retries")."""

from __future__ import annotations

import json
import time

import grpc
import pytest
from raw_http2 import Code, Type, rst_stream
from raw_server_end import RawServerEnd, Request
from scripted_server import HEAD, Fields, ScriptedServer, begin, end, respond, wait_for_end
from transport_peer import Outcome, outcomes

OK = grpc.StatusCode.OK.value[0]
UNAVAILABLE = grpc.StatusCode.UNAVAILABLE.value[0]
NOT_FOUND = grpc.StatusCode.NOT_FOUND.value[0]

PREVIOUS_ATTEMPTS = "grpc-previous-rpc-attempts"
# Milliseconds. Far above the backoff that is configured, so that nothing else explains such a wait.
PUSHBACK = 400


def call(address: str, **policy: object) -> Outcome:
    """Makes a call with this policy, as gRPC's service configuration writes it."""
    config = json.dumps({"name": [{"service": "grpc.testing.TestService"}], **policy})
    [outcome] = outcomes(address, "--payload", 1000, "--method-config", config)
    return outcome


def retries(attempts: int) -> dict[str, object]:
    return {
        "retryPolicy": {
            "maxAttempts": attempts,
            "initialBackoff": "0.001s",
            "maxBackoff": "0.002s",
            "backoffMultiplier": 1.5,
            "retryableStatusCodes": ["UNAVAILABLE"],
        }
    }


def hedging(attempts: int, delay: str) -> dict[str, object]:
    return {
        "hedgingPolicy": {
            "maxAttempts": attempts,
            "hedgingDelay": delay,
            "nonFatalStatusCodes": ["UNAVAILABLE"],
        }
    }


def refuse(connection: RawServerEnd, stream: int, status: int, fields: Fields = ()) -> None:
    end(connection, stream, (*HEAD, ("grpc-status", str(status)), *fields))


class Attempts:
    """A script that refuses calls with these statuses in turn and then answers, and what it was sent."""

    def __init__(self, *refusals: int, fields: Fields = (), answers: bool = True) -> None:
        self._refusals = refusals
        self._fields = fields
        self._answers = answers
        self.requests: list[Request] = []
        self.times: list[float] = []

    def __call__(self, connection: RawServerEnd) -> None:
        for status in self._refusals:
            refuse(connection, self._next(connection).stream, status, self._fields)
        if self._answers:
            respond(connection, self._next(connection).stream)
        wait_for_end(connection)
        assert not connection.passed_requests

    @property
    def count(self) -> int:
        return len(self.requests)

    def _next(self, connection: RawServerEnd) -> Request:
        self.requests.append(connection.request())
        self.times.append(time.monotonic())
        return self.requests[-1]


def test_call_is_retried_until_it_succeeds() -> None:
    attempts = Attempts(UNAVAILABLE, UNAVAILABLE)
    with ScriptedServer(attempts) as server:
        outcome = call(server.address, **retries(5))
    assert outcome.status == OK
    assert outcome.initial[PREVIOUS_ATTEMPTS] == ["2"]
    assert attempts.count == 3
    assert len({request.body for request in attempts.requests}) == 1


@pytest.mark.xfail(
    strict=True,
    reason="GRPCCore 2.4.3 counts the attempts for the caller, and sends the request without the count",
)
def test_server_is_told_of_previous_attempts() -> None:
    attempts = Attempts(UNAVAILABLE, UNAVAILABLE)
    with ScriptedServer(attempts) as server:
        call(server.address, **retries(5))
    assert [request[PREVIOUS_ATTEMPTS] for request in attempts.requests] == [None, "1", "2"]


def test_last_attempt_decides() -> None:
    attempts = Attempts(*[UNAVAILABLE] * 3, answers=False)
    with ScriptedServer(attempts) as server:
        assert call(server.address, **retries(3)).status == UNAVAILABLE
    assert attempts.count == 3


def test_other_status_is_not_retried() -> None:
    attempts = Attempts(NOT_FOUND, answers=False)
    with ScriptedServer(attempts) as server:
        assert call(server.address, **retries(3)).status == NOT_FOUND
    assert attempts.count == 1


def test_nothing_is_retried_without_a_policy() -> None:
    attempts = Attempts(UNAVAILABLE, answers=False)
    with ScriptedServer(attempts) as server:
        assert call(server.address).status == UNAVAILABLE
    assert attempts.count == 1


def test_call_whose_response_has_begun_is_not_retried() -> None:
    def script(connection: RawServerEnd) -> None:
        stream = connection.request().stream
        begin(connection, stream)
        end(connection, stream, (("grpc-status", str(UNAVAILABLE)),))
        wait_for_end(connection)
        assert not connection.passed_requests

    with ScriptedServer(script) as server:
        assert call(server.address, **retries(3)).status == UNAVAILABLE


def test_retry_waits_as_long_as_the_server_asks() -> None:
    pushback = ("grpc-retry-pushback-ms", str(PUSHBACK))
    attempts = Attempts(UNAVAILABLE, fields=[pushback])
    with ScriptedServer(attempts) as server:
        assert call(server.address, **retries(3)).status == OK
    assert attempts.times[1] - attempts.times[0] >= PUSHBACK / 1000


@pytest.mark.parametrize("pushback", ("-1", "soon"))
def test_server_stops_retries(pushback: str) -> None:
    """A negative number, or one that cannot be read."""
    attempts = Attempts(
        UNAVAILABLE, fields=[("grpc-retry-pushback-ms", pushback)], answers=False
    )
    with ScriptedServer(attempts) as server:
        assert call(server.address, **retries(3)).status == UNAVAILABLE
    assert attempts.count == 1


def test_retry_connects_again() -> None:
    def lose(connection: RawServerEnd) -> None:
        connection.request()

    attempts = Attempts()
    with ScriptedServer(lose, attempts) as server:
        outcome = call(server.address, **retries(3))
    assert (outcome.status, outcome.initial[PREVIOUS_ATTEMPTS]) == (OK, ["1"])
    assert attempts.count == 1


def test_refused_stream_is_no_attempt() -> None:
    """What the server has not processed is sent again below the policy, which does not count it."""

    def script(connection: RawServerEnd) -> None:
        refused = connection.request()
        connection.send(rst_stream(refused.stream, Code.REFUSED_STREAM))
        respond(connection, connection.request().stream)
        wait_for_end(connection)

    with ScriptedServer(script) as server:
        outcome = call(server.address, **retries(3))
    assert outcome.status == OK
    assert PREVIOUS_ATTEMPTS not in outcome.initial


def test_hedges_that_lose_are_reset() -> None:
    def script(connection: RawServerEnd) -> None:
        seen = [connection.request() for _ in range(3)]
        respond(connection, seen[-1].stream)
        for loser in seen[:-1]:
            reset = connection.wait_for(Type.RST_STREAM, stream=loser.stream)
            assert reset.code == Code.CANCEL
        wait_for_end(connection)
        assert not connection.passed_requests

    with ScriptedServer(script) as server:
        outcome = call(server.address, **hedging(3, "0.02s"))
    assert (outcome.status, outcome.initial[PREVIOUS_ATTEMPTS]) == (OK, ["2"])


def test_hedge_that_fails_brings_the_next_one_forward() -> None:
    attempts = Attempts(UNAVAILABLE)
    with ScriptedServer(attempts) as server:
        # An hour would be far beyond the patience of the test.
        assert call(server.address, **hedging(2, "3600s")).status == OK
    assert attempts.count == 2


def test_fatal_status_ends_hedging() -> None:
    attempts = Attempts(NOT_FOUND, answers=False)
    with ScriptedServer(attempts) as server:
        assert call(server.address, **hedging(3, "3600s")).status == NOT_FOUND
    assert attempts.count == 1
