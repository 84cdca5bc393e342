"""The negative HTTP/2 cases of the gRPC interoperability tests: the transport's client, and a server that plays them.

https://github.com/grpc/grpc/blob/master/doc/http2-interop-test-descriptions.md
"""

from __future__ import annotations

from collections.abc import Callable

import grpc
import pytest
from interop import LARGE_RESPONSE
from raw_http2 import Code, Flag, Setting, Type, data, goaway, ping, rst_stream
from raw_server_end import RawServerEnd
from scripted_server import (
    RESPONSE,
    ScriptedServer,
    begin,
    end,
    respond,
    wait_for_end,
)
from transport_peer import outcomes

SUCCESS = grpc.StatusCode.OK.value[0]
INTERNAL = grpc.StatusCode.INTERNAL.value[0]


def respond_at_length(connection: RawServerEnd, stream: int, **pieces: int) -> None:
    begin(connection, stream)
    connection.send_body(stream, RESPONSE, **{"piece": 16_384, **pieces})
    end(connection, stream)


def test_goaway() -> None:
    def first(connection: RawServerEnd) -> None:
        request = connection.request()
        connection.send(goaway(request.stream))
        respond_at_length(connection, request.stream)
        wait_for_end(connection)

    def second(connection: RawServerEnd) -> None:
        respond_at_length(connection, connection.request().stream)
        wait_for_end(connection)

    with ScriptedServer(first, second) as server:
        made = outcomes(server.address, "--calls", 2)
    assert [(each.status, each.size) for each in made] == [(SUCCESS, LARGE_RESPONSE)] * 2


def _after_header(connection: RawServerEnd, stream: int) -> None:
    begin(connection, stream)


def _during_data(connection: RawServerEnd, stream: int) -> None:
    begin(connection, stream)
    connection.send_body(stream, RESPONSE[: len(RESPONSE) // 2], piece=16_384)


def _after_data(connection: RawServerEnd, stream: int) -> None:
    begin(connection, stream)
    connection.send_body(stream, RESPONSE, piece=16_384)


@pytest.mark.parametrize(
    "answer", (_after_header, _during_data, _after_data), ids=("header", "during_data", "data")
)
def test_rst_after(answer: Callable[[RawServerEnd, int], None]) -> None:
    def script(connection: RawServerEnd) -> None:
        stream = connection.request().stream
        answer(connection, stream)
        connection.send(rst_stream(stream, Code.NO_ERROR))
        # It is that call alone that failed.
        respond(connection, connection.request().stream)
        wait_for_end(connection)

    with ScriptedServer(script) as server:
        made = outcomes(server.address, "--calls", 2)
    assert [each.status for each in made] == [INTERNAL, SUCCESS]


def test_ping() -> None:
    def script(connection: RawServerEnd) -> None:
        def send_ping(number: int) -> None:
            connection.send(ping(number.to_bytes(8, "big")))

        send_ping(1)
        stream = connection.request().stream
        begin(connection, stream)
        send_ping(2)
        connection.send_body(stream, RESPONSE, piece=16_384)
        send_ping(3)
        end(connection, stream)
        send_ping(4)
        answered = [connection.wait_for(Type.PING, flags=Flag.ACK).payload for _ in range(4)]
        assert [int.from_bytes(payload, "big") for payload in answered] == [1, 2, 3, 4]
        # The connection is closed only now, once the next call has ended.
        respond(connection, connection.request().stream)
        wait_for_end(connection)

    with ScriptedServer(script) as server:
        made = outcomes(server.address, "--calls", 2)
    assert [(each.status, each.size) for each in made] == [(SUCCESS, LARGE_RESPONSE), (SUCCESS, 3)]


def test_ping_flood() -> None:
    """More PINGs than a peer keeps answers for do no harm while it reads them as they come."""
    count = 5000

    def script(connection: RawServerEnd) -> None:
        stream = connection.request().stream
        begin(connection, stream)
        for number in range(count):
            connection.send(ping(number.to_bytes(8, "big")))
            connection.wait_for(Type.PING, flags=Flag.ACK)
        connection.send(data(stream, RESPONSE[:1000]))
        connection.send_body(stream, RESPONSE[1000:], piece=16_384)
        end(connection, stream)
        wait_for_end(connection)

    with ScriptedServer(script) as server:
        [outcome] = outcomes(server.address)
    assert (outcome.status, outcome.size) == (SUCCESS, LARGE_RESPONSE)


def test_max_streams() -> None:
    def script(connection: RawServerEnd) -> None:
        for _ in range(11):
            request = connection.request()
            connection.barrier()
            # Nothing but window and acknowledgements came: no other call was begun meanwhile.
            assert not connection.passed_requests
            respond_at_length(connection, request.stream)
        wait_for_end(connection)

    limit = ((Setting.MAX_CONCURRENT_STREAMS, 1),)
    with ScriptedServer(script, announces=limit) as server:
        made = outcomes(server.address, "--calls", 1, "--at-once", 10)
    assert [(each.status, each.size) for each in made] == [(SUCCESS, LARGE_RESPONSE)] * 11


@pytest.mark.parametrize(
    "padding", (255, None), ids=("data_frame_padding", "no_df_padding_sanity_test")
)
def test_small_frames(padding: int | None) -> None:
    def script(connection: RawServerEnd) -> None:
        respond_at_length(connection, connection.request().stream, piece=5, padding=padding)
        wait_for_end(connection)

    with ScriptedServer(script) as server:
        [outcome] = outcomes(server.address)
    assert (outcome.status, outcome.size) == (SUCCESS, LARGE_RESPONSE)
