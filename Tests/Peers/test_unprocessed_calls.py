"""Calls that the server says it has not processed: the client sends them again by itself, once, and no others.

RFC 9113, sections 6.8 and 8.7; gRFC A6, "Transparent Retries".
"""

from __future__ import annotations

import grpc
from raw_http2 import MAXIMUM_WINDOW, Code, goaway, rst_stream
from raw_server_end import RawServerEnd, Request
from scripted_server import ScriptedServer, respond, wait_for_end
from transport_peer import Outcome
from transport_peer import outcomes as outcomes_of_calls

OK = grpc.StatusCode.OK.value[0]
UNAVAILABLE = grpc.StatusCode.UNAVAILABLE.value[0]
# Bytes. More than the client keeps for another attempt.
TOO_LARGE = 300_000


def outcomes(address: str, *options: object) -> list[Outcome]:
    """Makes calls that are small enough to be kept until they are answered."""
    return outcomes_of_calls(address, "--payload", 1000, *options)


def requests(connection: RawServerEnd, count: int) -> list[Request]:
    return sorted((connection.request() for _ in range(count)), key=lambda each: each.stream)


def respond_to(count: int) -> object:
    """A script that answers so many calls, and gets no further one."""

    def script(connection: RawServerEnd) -> None:
        for request in requests(connection, count):
            respond(connection, request.stream)
        wait_for_end(connection)
        assert not connection.passed_requests

    return script


def test_calls_above_the_last_stream_of_a_goaway_go_elsewhere() -> None:
    def first(connection: RawServerEnd) -> None:
        made = requests(connection, 5)
        connection.send(goaway(made[1].stream))
        for request in made[:2]:
            respond(connection, request.stream)
        wait_for_end(connection)

    with ScriptedServer(first, respond_to(3)) as server:
        made = outcomes(server.address, "--calls", 0, "--at-once", 5)
    assert [each.status for each in made] == [OK] * 5


def test_calls_that_may_have_been_processed_fail() -> None:
    def first(connection: RawServerEnd) -> None:
        made = requests(connection, 5)
        connection.send(goaway(made[1].stream))
        # And closes without an answer to those.

    with ScriptedServer(first, respond_to(3)) as server:
        made = outcomes(server.address, "--calls", 0, "--at-once", 5)
    assert sorted(each.status for each in made) == [OK] * 3 + [UNAVAILABLE] * 2


def test_goaway_in_two_steps() -> None:
    """A notice first, which refuses nothing yet; then the last stream."""

    def first(connection: RawServerEnd) -> None:
        made = requests(connection, 3)
        connection.send(goaway(MAXIMUM_WINDOW))
        connection.barrier()
        respond(connection, made[0].stream)
        connection.send(goaway(made[0].stream))
        wait_for_end(connection)

    with ScriptedServer(first, respond_to(2)) as server:
        made = outcomes(server.address, "--calls", 0, "--at-once", 3)
    assert [each.status for each in made] == [OK] * 3


def test_goaway_with_an_error_names_it() -> None:
    def script(connection: RawServerEnd) -> None:
        request = connection.request()
        connection.send(goaway(request.stream, Code.ENHANCE_YOUR_CALM, b"too many pings"))

    with ScriptedServer(script) as server:
        [outcome] = outcomes(server.address)
    assert outcome.status == UNAVAILABLE


def test_refused_call_is_sent_again() -> None:
    def script(connection: RawServerEnd) -> None:
        refused = connection.request()
        connection.send(rst_stream(refused.stream, Code.REFUSED_STREAM))
        again = connection.request()
        assert again.stream > refused.stream
        assert again.body == refused.body
        assert again.headers == refused.headers
        respond(connection, again.stream)
        wait_for_end(connection)

    with ScriptedServer(script) as server:
        [outcome] = outcomes(server.address)
    assert outcome.status == OK


def test_call_that_is_too_large_to_be_kept_fails() -> None:
    def script(connection: RawServerEnd) -> None:
        connection.send(rst_stream(connection.request().stream, Code.REFUSED_STREAM))
        wait_for_end(connection)
        assert not connection.passed_requests

    with ScriptedServer(script) as server:
        [outcome] = outcomes_of_calls(server.address, "--payload", TOO_LARGE)
    assert outcome.status == UNAVAILABLE


def test_call_that_is_refused_for_ever_fails() -> None:
    counts = []

    def script(connection: RawServerEnd) -> None:
        # As often as the transport tries.
        for _ in range(6):
            connection.send(rst_stream(connection.request().stream, Code.REFUSED_STREAM))
        wait_for_end(connection)
        counts.append(len(connection.passed_requests))

    with ScriptedServer(script) as server:
        [outcome] = outcomes(server.address)
    assert (outcome.status, counts) == (UNAVAILABLE, [0])


def test_calls_on_a_connection_that_is_lost_fail() -> None:
    """They may have been processed: only whoever made them knows whether to make them again."""

    def script(connection: RawServerEnd) -> None:
        requests(connection, 3)

    with ScriptedServer(script) as server:
        made = outcomes(server.address, "--calls", 0, "--at-once", 3)
    assert [each.status for each in made] == [UNAVAILABLE] * 3
    assert all("the connection to the server was lost" in each.message for each in made)


def test_next_call_connects_again() -> None:
    def first(connection: RawServerEnd) -> None:
        connection.request()

    with ScriptedServer(first, respond_to(1)) as server:
        made = outcomes(server.address, "--calls", 2)
    assert [each.status for each in made] == [UNAVAILABLE, OK]
