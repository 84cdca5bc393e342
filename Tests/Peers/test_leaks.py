"""After 100,000 calls a server and a client, both the transport's, hold what they held before."""

from __future__ import annotations

from calls import assert_serves, open_call
from figures import Note
from harness.footprint import KIB, MIB, Footprint
from raw_client import RawClient
from raw_http2 import goaway
from transport_peer import Server
from worker import Worker

# Until pools and caches are as large as these calls make them.
WARM_UP = 10_000
CALLS = 100_000
# What is lost at each call would be 100,000 times that: 21 bytes a call are found. Less than that is the
# allocator's, which gives no page back that anything else lives on.
GROWTH = 2 * MIB


def test_calls_leave_nothing_behind(note: Note) -> None:
    with Server() as server, Worker(server.address) as client:
        client.do("calls", WARM_UP)
        sides = {"server": Footprint(server.pid), "client": Footprint(client.pid)}
        before = {name: side.held() for name, side in sides.items()}
        client.do("calls", CALLS)
        for name, side in sides.items():
            grew = side.memory() - before[name].memory
            note(**{name: f"{grew / KIB:+.0f} KiB"})
            assert grew < GROWTH, f"the {name} has {grew / CALLS:.0f} bytes more for each call"
            assert side.descriptors() == before[name].descriptors
            # The concurrency pool's threads may begin late; there are never more than processors.
            assert side.threads() <= before[name].threads + 1
        assert client.stop() == 0
        assert server.stop() == 0


def come_and_go(server: Server, connections: int) -> None:
    for number in range(connections):
        with RawClient(server.endpoint) as peer:
            assert_serves(peer)
            if number % 2:
                open_call(peer)
                peer.barrier()
            else:
                peer.send(goaway(0))
                # The server closes first, so that it has closed.
                peer.rest()


def test_connections_leave_nothing_behind(note: Note) -> None:
    """1,000 clients that come, call and go; half of them leave without a word while a call is open."""
    with Server() as server:
        come_and_go(server, 200)
        footprint = Footprint(server.pid)
        before = footprint.held()
        come_and_go(server, 1000)
        grew = footprint.memory() - before.memory
        note(server=f"{grew / KIB:+.0f} KiB")
        assert grew < GROWTH, f"the server has {grew / 1000:.0f} bytes more for each connection"
        assert footprint.descriptors() <= before.descriptors + 1
        assert server.stop() == 0
