"""A sender is held back by a slow reader: 1 GiB on its way to one that takes 1 MiB a second costs the
sender a few MiB.

The reader reads for 4 seconds, and then leaves. With OP_AGENTS_WHOLE_STREAMS=1 it reads to the end, which was
done for both sides: after 17 minutes each sender had grown by 1.2 MiB.
"""

from __future__ import annotations

import os
import socket
from itertools import repeat

import pytest

from calls import OUTPUT_CALL, call, output_request
from figures import Note
from harness.footprint import KIB, MIB, Footprint
from pace import Pace
from raw_client import RawClient
from raw_http2 import PATIENCE, RawPeer, Type, grpc_message, window_update
from raw_server_end import RawServerEnd
from scripted_server import respond
from transport_peer import Server
from worker import Worker

READ_TO_THE_END = bool(os.environ.get("OP_AGENTS_WHOLE_STREAMS"))
WHOLE = 1 << 30
MESSAGE = 64 * KIB
RATE = 1 * MIB
READ = WHOLE if READ_TO_THE_END else 4 * RATE
# What one stream may hold: 64 KiB in the writer's queue and a message beyond, 256 KiB collected for one
# write, the window of the other side; and as much again for the copies that messages are in between.
BOUND = 4 * MIB

# StreamingInputCallResponse with an aggregated_payload_size of 16 messages.
UPLOADED = b"\x08\x80\x80\x40"

pytestmark = pytest.mark.timeout(1800 if READ_TO_THE_END else 60)


def read_slowly(peer: RawPeer, stream: int, count: int) -> Pace:
    """Reads so many bytes of a body and gives window back only for what it has read."""
    peer.generous = False
    pace = Pace(RATE)
    while pace.passed < count:
        frame = peer.wait_for(Type.DATA, stream=stream)
        size = len(frame.payload)
        pace.take(size)
        peer.send(window_update(0, size), window_update(stream, size))
    return pace


def assert_bounded(sender: Footprint, before: int, pace: Pace, note: Note) -> None:
    grew = sender.peak() - before
    note(
        read=f"{pace.passed / MIB:.0f} MiB in {pace.seconds:.1f} s",
        sender_grew=f"{grew / MIB:.2f} MiB",
    )
    assert grew <= BOUND, f"the sender grew by {grew // KIB} KiB"
    # It was the reader who held things up.
    assert pace.passed / pace.seconds < 1.1 * RATE


def test_server_is_held_back(note: Note) -> None:
    with Server() as server, RawClient(server.endpoint) as peer:
        footprint = Footprint(server.pid)
        # One like it is read to its end first, for what any stream costs.
        peer.answer(call(peer, OUTPUT_CALL, output_request(*repeat(MESSAGE, 16))))
        before = footprint.memory()
        footprint.forget_peak()
        request = output_request(*repeat(MESSAGE, WHOLE // MESSAGE))
        pace = read_slowly(peer, call(peer, OUTPUT_CALL, request), READ)
        assert_bounded(footprint, before, pace, note)
        peer.close()
        assert server.stop() == 0


def test_client_is_held_back(note: Note) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(PATIENCE)
        with Worker("{}:{}".format(*listener.getsockname())) as client:
            footprint = Footprint(client.pid)
            client.begin("upload", 16)
            accepted, _ = listener.accept()
            with RawServerEnd(accepted) as connection:
                respond(connection, connection.request().stream, grpc_message(UPLOADED))
                client.finish()
                before = footprint.memory()
                footprint.forget_peak()
                client.begin("upload", WHOLE // MESSAGE)
                pace = read_slowly(connection, connection.wait_for(Type.HEADERS).stream, READ)
                assert_bounded(footprint, before, pace, note)
