"""A server under attack: what it may take, and who must be served meanwhile."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from bystander import Bystander
from figures import Note
from harness.footprint import KIB, MIB, Footprint
from transport_peer import Server

# What a server may take whatever is done to it on one connection, beyond what the test allows: nghttp2's
# and our own buffers of a connection, the allocator's arenas, and the bystander's calls.
SLACK = 16 * MIB
# Seconds for closed connections to be closed here too: a peer is given a second to read the rest.
_CLOSING = 10.0


@contextmanager
def siege(note: Note, *options: object, allowed: int = 0) -> Iterator[Server]:
    """A server of its own that is attacked in the body.

    Afterwards it has served the bystander all the time, has never held more memory than so many bytes beyond
    what it began with, and has closed what was closed.
    """
    with Server(*options) as server, Bystander(server.address) as bystander:
        footprint = Footprint(server.pid)
        bystander.wait_for_call()
        sockets, memory = footprint.sockets(), footprint.memory()
        footprint.forget_peak()
        began = time.monotonic()
        yield server
        took = time.monotonic() - began
        bystander.wait_for_call()
        grown = footprint.peak() - memory
        note(
            grew=f"{grown / MIB:.1f} MiB",
            took=f"{took:.2f} s",
            bystander=f"{bystander.calls} calls, slowest {bystander.slowest * 1000:.1f} ms",
        )
        assert bystander.failure is None, f"the bystander was not served: {bystander.failure}"
        limit = allowed + SLACK
        assert grown <= limit, f"it grew by {grown // KIB} KiB, over {limit // KIB}"
        deadline = time.monotonic() + _CLOSING
        while (left := footprint.sockets()) > sockets:
            assert time.monotonic() < deadline, f"{left - sockets} connections are left"
            bystander.wait_for_call()
        assert server.stop() == 0
