"""Floods (RFC 9113, section 10.5): a server closes a connection that can only mean harm, and says so
(ENHANCE_YOUR_CALM), before it has cost memory or the time of others.

The figures are shown at the end of the run.
"""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from calls import (
    EMPTY_CALL,
    INPUT_CALL,
    assert_serves,
    open_call,
    request_block,
)
from figures import Note
from harness.footprint import KIB
from raw_client import RawClient
from raw_http2 import (
    PREFACE,
    DEFAULT_FRAME_SIZE,
    Closed,
    Code,
    Flag,
    Setting,
    Type,
    continuation,
    data,
    field_line,
    headers,
    hpack_integer,
    ping,
    priority,
    rst_stream,
    settings,
    window_update,
)
from siege import siege
from transport_peer import Server

REQUEST = request_block(EMPTY_CALL)
# Many times what any working client sends in the time that sending them takes.
FLOOD = 50_000
# As many as a client may have open.
CALLS = 2000
# What an open call may cost, in bytes: its tasks, nghttp2's stream, and the two pipes.
CALL = 16 * KIB
# Bytes: the server feels at once that nothing is read.
SMALL_BUFFER = 4096


def assert_calmed(peer: RawClient) -> None:
    """The server has told the client to calm down, and closed the connection."""
    codes = [frame.code for frame in peer.rest() if frame.type == Type.GOAWAY]
    assert codes == [Code.ENHANCE_YOUR_CALM], f"the server said {codes}"


def calls_that_are_reset() -> bytes:
    """A request and its reset, on one stream after the other."""
    return b"".join(
        bytes(headers(stream, REQUEST, Flag.END_HEADERS)) + bytes(rst_stream(stream))
        for stream in range(1, 2 * FLOOD, 2)
    )


def test_rapid_reset(note: Note) -> None:
    """CVE-2023-44487."""
    with siege(note) as server, RawClient(server.endpoint) as peer:
        peer.send(calls_that_are_reset())
        assert_calmed(peer)


def test_client_that_cancels_all_its_calls_is_no_attack(note: Note) -> None:
    with siege(note, allowed=CALLS * CALL) as server, RawClient(server.endpoint) as peer:
        streams = [open_call(peer) for _ in range(CALLS)]
        peer.barrier()
        peer.send(*map(rst_stream, streams))
        assert_serves(peer)


@pytest.mark.parametrize("reads", [True, False], ids=["reading", "never-reading"])
@pytest.mark.parametrize(
    "frame",
    [ping(), settings(), settings((Setting.INITIAL_WINDOW_SIZE, 65_535)), priority(1),
     window_update(1, 1), data(1)],
    ids=["ping", "empty-settings", "settings", "priority", "window-update", "empty-data"],
)  # fmt: skip
def test_flood(note: Note, frame: object, reads: bool) -> None:
    with siege(note) as server:
        with RawClient(server.endpoint, receive_buffer=None if reads else SMALL_BUFFER) as peer:
            peer.polite = False
            open_call(peer)
            for _ in range(10):
                peer.send(bytes(frame) * (FLOOD // 10))
                if reads:
                    peer.read_what_is_there()
            assert_calmed(peer)


def test_empty_continuation_flood(note: Note) -> None:
    """CVE-2024-27316 and its like: a block of header fields without end."""
    with siege(note) as server, RawClient(server.endpoint) as peer:
        peer.send(headers(1, REQUEST, Flag.END_STREAM))
        peer.send(bytes(continuation(1, b"", 0)) * FLOOD)
        assert_calmed(peer)


def test_continuation_flood(note: Note) -> None:
    with siege(note) as server, RawClient(server.endpoint) as peer:
        peer.send(headers(1, REQUEST, Flag.END_STREAM))
        piece = bytes(continuation(1, field_line("name", "x" * 1000), 0))
        peer.send(piece * FLOOD)
        assert_calmed(peer)


def bomb(stream: int) -> bytes:
    """A field of almost the table's size, and as many references to it as a frame holds: 60 MB in 20 KB."""
    field = field_line("bomb", "x" * 3900, indexed=True)
    reference = hpack_integer(62, 7, 0x80)
    block = REQUEST + field + reference * (DEFAULT_FRAME_SIZE - len(REQUEST) - len(field))
    return bytes(headers(stream, block))


def test_hpack_bombs(note: Note) -> None:
    """One is refused, many in a row end the connection."""
    with siege(note) as server, RawClient(server.endpoint) as peer:
        peer.send(bomb(1))
        assert peer.answer(1).reset == Code.ENHANCE_YOUR_CALM
        peer.send(*map(bomb, range(3, 1000, 2)))
        assert_calmed(peer)


def test_streams_that_the_server_is_made_to_reset(note: Note) -> None:
    """CVE-2025-8671: each call begins, and the server has to reset it for a window that overflows."""
    with siege(note) as server, RawClient(server.endpoint) as peer:
        for stream in range(1, 2000, 2):
            peer.send(
                headers(stream, request_block(INPUT_CALL), Flag.END_HEADERS),
                window_update(stream, (1 << 31) - 1),
            )
        assert_calmed(peer)


def test_connection_over_the_limit_is_told_so(note: Note) -> None:
    limit = 50
    # The bystander's is one of them.
    with siege(note, "--maximum-connections", limit) as server, ExitStack() as closing:
        peers = [closing.enter_context(RawClient(server.endpoint)) for _ in range(limit - 1)]
        for peer in peers:
            assert_serves(peer)
        with RawClient(server.endpoint) as peer:
            assert_calmed(peer)
        peers[0].close()
        # The server hears of it in its own time; the test's time is limited.
        while not is_served(server):
            pass


def is_served(server: Server) -> bool:
    """Whether a new connection may call."""
    with RawClient(server.endpoint) as peer:
        try:
            assert_serves(peer)
        except Closed:
            return False
        return True


def test_slow_preface(note: Note) -> None:
    """A connection that does not begin is closed; one that begins slowly is none of them."""
    connections = 200
    with siege(note, "--handshake-timeout", "1s") as server:
        peers = [RawClient(server.endpoint, begins=False) for _ in range(connections)]
        try:
            for byte in PREFACE[:-1]:
                for peer in peers:
                    peer.send(bytes([byte]))
            for peer in peers:
                with pytest.raises(Closed):
                    while True:
                        peer.receive()
        finally:
            for peer in peers:
                peer.close()
