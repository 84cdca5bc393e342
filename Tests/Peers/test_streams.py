"""Connections and streams (RFC 9113, sections 3 to 5): for each thing that a client may do wrong the error
that the section names, and for each that it may do the absence of one.

A stream error may be answered as a connection error (section 5.4.1): where the server does so, the case
says the latter.
"""

from __future__ import annotations

import pytest

from calls import (
    EMPTY_CALL,
    assert_serves,
    finish,
    open_call,
    request_block,
)
from protocol_case import (
    Case,
    Closes,
    ConnectionEnds,
    GoesOn,
    closed,
    half_closed,
    opened,
    reset,
    table,
)
from raw_client import RawClient
from raw_http2 import (
    DEFAULT_FRAME_SIZE,
    PREFACE,
    Code,
    Flag,
    Frame,
    Setting,
    Type,
    continuation,
    data,
    field_block,
    field_line,
    goaway,
    grpc_message,
    headers,
    ping,
    priority,
    rst_stream,
    settings,
    settings_ack,
    window_update,
)
from transport_peer import Server

BLOCK = request_block(EMPTY_CALL)
OPEN = Flag.END_HEADERS
MESSAGE = grpc_message()
TOO_LONG = bytes(DEFAULT_FRAME_SIZE + 1)
LONG_FIELD = field_line("long", "x" * DEFAULT_FRAME_SIZE)
UNKNOWN_TYPE = 0x16
RESERVED_BIT = 1 << 31

PROTOCOL_ERROR = ConnectionEnds(Code.PROTOCOL_ERROR)
FRAME_SIZE_ERROR = ConnectionEnds(Code.FRAME_SIZE_ERROR)
STREAM_CLOSED = ConnectionEnds(Code.STREAM_CLOSED)


@table(
    [
        Case("3.4-another-protocol", [b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n"], Closes()),
        Case("3.4-wrong-from-the-middle", [PREFACE[:12], b"x" * 12], Closes()),
        Case("3.4-tls", [bytes.fromhex("16030100a5010000a10303") + bytes(154)], Closes()),
        Case("3.4-no-settings", [PREFACE, ping()], PROTOCOL_ERROR),
        Case("3.4-settings-are-an-ack", [PREFACE, settings_ack()], PROTOCOL_ERROR),
        Case("3.4-headers-before-settings", [PREFACE, headers(1, BLOCK)], PROTOCOL_ERROR),
    ]
)
def test_preface(server: Server, case: Case) -> None:
    with RawClient(server.endpoint, begins=False) as peer:
        peer.send(*case.sent)
        case.outcome.check(peer, server.endpoint)


def test_preface_may_come_in_pieces(server: Server) -> None:
    with RawClient(server.endpoint, begins=False) as peer:
        for byte in PREFACE + bytes(settings()):
            peer.send(bytes([byte]))
        assert_serves(peer)


@pytest.mark.parametrize("length", [0, 1, len(PREFACE) - 1, len(PREFACE)])
def test_client_that_leaves_within_its_preface_takes_nothing_with_it(
    server: Server, length: int
) -> None:
    with RawClient(server.endpoint, begins=False) as peer:
        peer.send(PREFACE[:length])
    with RawClient(server.endpoint) as other:
        assert_serves(other)


def test_server_begins_with_settings_and_acknowledges_the_clients(server: Server) -> None:
    with RawClient(server.endpoint) as peer:
        first = peer.receive()
        assert (first.type, first.flags, first.stream) == (Type.SETTINGS, 0, 0)
        assert peer.wait_for(Type.SETTINGS, flags=Flag.ACK).payload == b""


FORMAT = [
    Case("4.1-unknown-type-on-connection", [Frame(UNKNOWN_TYPE, 0xFF, 0, b"any")], GoesOn()),
    Case("4.1-unknown-type-on-stream", [Frame(UNKNOWN_TYPE, 0, 1, b"any")], GoesOn(), opened),
    Case("4.1-unknown-flags", [ping(flags=0xFF & ~Flag.ACK)], GoesOn()),
    Case("4.1-reserved-bit", [Frame(Type.PING, 0, RESERVED_BIT, bytes(8))], GoesOn()),
    Case("4.2-longest-frame", [data(1, bytes(DEFAULT_FRAME_SIZE))], GoesOn(), opened),
    Case("4.2-data-too-long", [data(1, TOO_LONG)], FRAME_SIZE_ERROR, opened),
    Case("4.2-headers-too-long", [headers(1, TOO_LONG)], FRAME_SIZE_ERROR),
    Case("4.2-priority-too-long", [Frame(Type.PRIORITY, 0, 1, TOO_LONG)], FRAME_SIZE_ERROR),
    Case("4.2-unknown-type-too-long", [Frame(UNKNOWN_TYPE, 0, 0, TOO_LONG)], FRAME_SIZE_ERROR),
    Case(
        "4.2-continuation-too-long",
        [headers(1, BLOCK, Flag.NONE), continuation(1, LONG_FIELD)],
        FRAME_SIZE_ERROR,
        deviation="libnghttp2 1.52 does not compare the length of CONTINUATION frames with its limit",
    ),
    Case(
        "5.5-unknown-type-within-fields",
        [headers(1, BLOCK, Flag.NONE), Frame(UNKNOWN_TYPE)],
        PROTOCOL_ERROR,
    ),
]


STREAMS = [
    Case("5.1-data-on-idle", [data(1)], PROTOCOL_ERROR),
    Case("5.1-reset-on-idle", [rst_stream(1)], PROTOCOL_ERROR),
    Case("5.1-window-on-idle", [window_update(1, 1)], PROTOCOL_ERROR),
    Case("5.1-continuation-on-idle", [continuation(1, BLOCK)], PROTOCOL_ERROR),
    Case("5.1-priority-on-idle", [priority(1)], GoesOn()),
    Case("5.1-data-on-half-closed", [data(1)], STREAM_CLOSED, half_closed),
    Case("5.1-headers-on-half-closed", [headers(1, BLOCK)], STREAM_CLOSED, half_closed),
    Case("5.1-window-on-half-closed", [window_update(1, 1)], GoesOn(), half_closed),
    Case("5.1-priority-on-half-closed", [priority(1)], GoesOn(), half_closed),
    Case("5.1-reset-on-half-closed", [rst_stream(1)], GoesOn(), half_closed),
    Case("5.1-data-on-closed", [data(1)], STREAM_CLOSED, closed),
    Case("5.1-headers-on-closed", [headers(1, BLOCK)], STREAM_CLOSED, closed),
    Case("5.1-continuation-on-closed", [continuation(1, BLOCK)], PROTOCOL_ERROR, closed),
    Case("5.1-window-on-closed", [window_update(1, 1)], GoesOn(), closed),
    Case("5.1-reset-on-closed", [rst_stream(1)], GoesOn(), closed),
    Case("5.1-priority-on-closed", [priority(1)], GoesOn(), closed),
    Case("5.1-data-after-reset", [data(1)], STREAM_CLOSED, reset),
    Case("5.1-headers-after-reset", [headers(1, BLOCK)], STREAM_CLOSED, reset),
    Case("5.1-priority-after-reset", [priority(1)], GoesOn(), reset),
    Case("5.1.1-even", [headers(2, BLOCK)], PROTOCOL_ERROR),
    Case("5.1.1-zero", [headers(0, BLOCK)], PROTOCOL_ERROR),
    Case(
        "5.1.1-decreasing",
        [headers(5, BLOCK), headers(3, BLOCK)],
        PROTOCOL_ERROR,
        deviation="libnghttp2 remembers few closed streams, so it takes one that was never used for one "
        "that was closed and drops the frame",
    ),
    Case("5.1.1-skipping", [headers(7, BLOCK, OPEN), data(7, MESSAGE, Flag.END_STREAM)], GoesOn()),
    Case("5.3.1-depends-on-itself", [priority(1, depends_on=1)], PROTOCOL_ERROR),
    Case(
        "5.3.1-headers-depend-on-themselves",
        [headers(1, bytes([0, 0, 0, 1, 15]) + BLOCK, OPEN | Flag.PRIORITY)],
        PROTOCOL_ERROR,
    ),
]


@table(FORMAT + STREAMS)
def test_stream_states(server: Server, case: Case) -> None:
    case.run(server.endpoint)


def test_frames_that_cross_the_servers_reset_are_ignored(server: Server) -> None:
    """The server resets a request that it has answered before its end (sections 5.1 and 8.1)."""
    with RawClient(server.endpoint) as peer:
        stream = open_call(peer, "/no.such.Service/Method")
        assert peer.answer(stream).grpc_status == 12
        assert peer.wait_for(Type.RST_STREAM, stream=stream).code == Code.NO_ERROR
        peer.send(data(stream, MESSAGE), window_update(stream, 1), rst_stream(stream))
        assert_serves(peer)


def test_trailers_that_cross_the_servers_reset_are_ignored(server: Server) -> None:
    with RawClient(server.endpoint) as peer:
        stream = open_call(peer, "/no.such.Service/Method")
        peer.wait_for(Type.RST_STREAM, stream=stream)
        peer.send(headers(stream, field_block([("a", "b")])))
        assert_serves(peer)


def test_call_of_a_client_that_goes_away_is_finished(server: Server) -> None:
    with RawClient(server.endpoint) as peer:
        stream = open_call(peer)
        peer.send(goaway(0))
        finish(peer, stream)
        assert peer.answer(stream).grpc_status == 0
        peer.rest()


@pytest.mark.parametrize("knows", [True, False], ids=["who-knows-it", "who-does-not"])
def test_stream_beyond_the_limit_is_refused(server: Server, knows: bool) -> None:
    """Section 5.1.2: alone, whether or not the client has acknowledged the limit."""
    with RawClient(server.endpoint) as peer:
        peer.polite = knows
        peer.barrier()
        limit = peer.peer_settings[Setting.MAX_CONCURRENT_STREAMS]
        streams = [open_call(peer) for _ in range(limit)]
        beyond = open_call(peer)
        assert peer.wait_for(Type.RST_STREAM, stream=beyond).code == Code.REFUSED_STREAM
        peer.send(rst_stream(streams[0]))
        assert_serves(peer)
