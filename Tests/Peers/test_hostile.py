"""Peers that are slow, greedy or many: what they hold of a server is bounded, and others are served.

Each test gives the reasons for its bound; the figures are shown at the end of the run.
"""

from __future__ import annotations

import os
import resource
from contextlib import ExitStack
from itertools import repeat

import pytest

from calls import (
    DUPLEX_CALL,
    EMPTY_CALL,
    INPUT_CALL,
    OUTPUT_CALL,
    assert_serves,
    call,
    output_request,
    request_block,
    request_fields,
)
from figures import Note
from harness.footprint import KIB, Footprint
from raw_client import RawClient
from raw_http2 import (
    Flag,
    Setting,
    Type,
    continuation,
    data,
    field_line,
    grpc_message,
    headers,
    window_update,
)
from siege import siege

REQUEST = request_block(EMPTY_CALL)
RESOURCE_EXHAUSTED = 8
# As many as a client may have open.
CALLS = 2000
# What an open call may cost, in bytes: its tasks, nghttp2's stream, and the two pipes.
CALL = 16 * KIB
# What a client may send on a stream before the handler has taken some, in bytes.
WINDOW = 256 * KIB
# What an idle connection may cost, in bytes; most of it is nghttp2's.
CONNECTION = 24 * KIB
# Buffers of the kernel that hold what a peer does not read are not the server's memory.
SMALL_BUFFER = 4096


def test_header_list_over_the_limit(note: Note) -> None:
    with siege(note) as server, RawClient(server.endpoint) as peer:
        peer.barrier()
        limit = peer.peer_settings[Setting.MAX_HEADER_LIST_SIZE]
        for _ in range(1000):
            stream = peer.next_stream()
            more = field_line("long", "x" * (limit - len(REQUEST)))
            peer.send(headers(stream, REQUEST, 0), continuation(stream, more))
            assert peer.answer(stream).grpc_status == RESOURCE_EXHAUSTED
        assert_serves(peer)


def test_slow_bodies(note: Note) -> None:
    """Calls whose messages come a byte at a time and are never whole.

    A message's memory grows as it arrives: a call costs nothing for the length that it announced.
    """
    calls = 1000
    with siege(note, allowed=calls * CALL) as server, RawClient(server.endpoint) as peer:
        prefix = b"\0" + (1 << 20).to_bytes(4, "big")
        streams = [peer.begin(request_fields(INPUT_CALL)) for _ in range(calls)]
        for byte in prefix + bytes(20):
            peer.send(*(data(stream, bytes([byte])) for stream in streams))
        peer.barrier()


@pytest.mark.parametrize("padding", [0, 16 * KIB], ids=["small", "large"])
def test_messages_that_are_not_taken(note: Note, padding: int) -> None:
    """A handler that does not read on has a window of messages waiting, which cost at most as much again."""
    calls = 20
    # The handler answers the first message, for which no window is ever given, before it reads the next.
    asks = grpc_message(output_request(100 * KIB, carries=padding))
    nothing = ((Setting.INITIAL_WINDOW_SIZE, 0),)
    with (
        siege(note, allowed=calls * 2 * WINDOW) as server,
        RawClient(server.endpoint, announces=nothing) as peer,
    ):
        # Until it has acknowledged the server's settings its windows are smaller.
        peer.barrier()
        for _ in range(calls):
            peer.begin(request_fields(DUPLEX_CALL), asks * (WINDOW // len(asks)))
        peer.barrier()
        assert not [frame for frame in peer.passed if frame.type == Type.RST_STREAM]


def test_window_that_is_never_opened(note: Note) -> None:
    """A writer waits once 128 KiB of its stream is unsent; one message more may be on its way."""
    calls, message = 100, 64 * KIB
    with siege(note, allowed=calls * 2 * (128 * KIB + message)) as server:
        with RawClient(server.endpoint, announces=((Setting.INITIAL_WINDOW_SIZE, 0),)) as peer:
            for _ in range(calls):
                call(peer, OUTPUT_CALL, output_request(*repeat(message, 1000)))
            peer.barrier()


def test_answers_that_are_never_read(note: Note) -> None:
    """The windows are open, and the socket is not read: what is collected for it is bounded as well."""
    calls, message = 100, 64 * KIB
    wide = ((Setting.INITIAL_WINDOW_SIZE, (1 << 31) - 1),)
    with siege(note, allowed=calls * 2 * (128 * KIB + message)) as server:
        with RawClient(server.endpoint, announces=wide, receive_buffer=SMALL_BUFFER) as peer:
            peer.send(window_update(0, (1 << 31) - 1 - 65_535))
            for _ in range(calls):
                call(peer, OUTPUT_CALL, output_request(*repeat(message, 1000)))
            # Once its socket is full the server takes nothing more of this connection's calls.
            peer.wait_for(Type.DATA)


def test_requests_without_end(note: Note) -> None:
    """As many calls as a client may have, each of them waiting for the rest of its request for ever."""
    with siege(note, allowed=CALLS * CALL) as server, RawClient(server.endpoint) as peer:
        for _ in range(CALLS):
            peer.begin(request_fields(DUPLEX_CALL), grpc_message())
        peer.barrier()


def test_streams_in_turn(note: Note) -> None:
    """100,000 calls on one connection leave nothing behind: what one holds is given back."""
    calls, at_once = 100_000, 1000
    with siege(note) as server, RawClient(server.endpoint) as peer:
        peer.generous = peer.decodes = False
        peer.send(window_update(0, calls * len(grpc_message())))
        message = grpc_message()
        for first in range(1, 2 * calls, 2 * at_once):
            peer.send(
                *(
                    bytes(headers(stream, REQUEST, Flag.END_HEADERS))
                    + bytes(data(stream, message, Flag.END_STREAM))
                    for stream in range(first, first + 2 * at_once, 2)
                )
            )
            ended = answered = 0
            while ended < at_once:
                frame = peer.receive()
                ended += frame.ends_stream
                answered += frame.type == Type.DATA
            assert answered == at_once
        peer.decodes = True


def test_idle_connections(note: Note) -> None:
    """10,000 connections that have made a call each and wait cost their sessions and no more."""
    connections = 10_000
    # A few of the server's own, and the bystander's.
    allow_descriptors(os.getpid(), connections + 200)
    with siege(note, allowed=connections * CONNECTION) as server, ExitStack() as closing:
        allow_descriptors(server.pid, connections + 200)
        for _ in range(connections):
            peer = closing.enter_context(RawClient(server.endpoint))
            peer.decodes = False
            peer.answer(call(peer))
        held = Footprint(server.pid).descriptors()
        assert held > connections, f"the server has only {held} descriptors open"


def allow_descriptors(pid: int, count: int) -> None:
    """Raises RLIMIT_NOFILE of a process where it is lower, or skips the test where that is not allowed."""
    soft, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    if soft >= count:
        return
    try:
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (count, max(hard, count)))
    except PermissionError:
        pytest.skip(f"needs {count} descriptors, and {hard} are allowed")
