"""The servers at rest: how soon they listen, and what they hold in memory."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from raw_client import RawClient
from raw_http2 import Type, grpc_message

from contenders import SERVERS, TCP, Contender
from echo_server import EchoServer, echo_server
from figures import Figure
from memory import resident_bytes

_CONNECTIONS = 1000
_STREAMS = 1000
# Fewer than any server allows by default.
_STREAMS_PER_CONNECTION = 100
_REQUEST = [
    (":method", "POST"),
    (":scheme", "http"),
    (":path", "/bench.Echo/EchoEach"),
    (":authority", "127.0.0.1"),
    ("te", "trailers"),
    ("content-type", "application/grpc"),
]
# So long no page more: it is at rest.
_REST = 0.2


def server_figures(programs: Path, rounds: int, note: Callable[[str], None]) -> list[Figure]:
    """Start to listening, and resident memory idle and under load that waits."""
    note(f"servers: {rounds} starts, then {_CONNECTIONS} connections, then {_STREAMS} streams")
    figures = [
        Figure(
            "server",
            "start to listening",
            "ms",
            {each.name: 1e3 * median(_starts(each, programs, rounds)) for each in (*SERVERS, TCP)},
        )
    ]
    memory = {each.name: _memory(each, programs) for each in SERVERS}
    for at, name in enumerate(
        ["idle", f"with {_CONNECTIONS} connections", f"with {_STREAMS} open streams"]
    ):
        values = {contender: row[at] for contender, row in memory.items()}
        figures.append(Figure("server", f"resident, {name}", "MB", values))
    return figures


def _starts(contender: Contender, programs: Path, rounds: int) -> Iterator[float]:
    for _ in range(rounds):
        with echo_server(contender.server, programs) as server:
            yield server.started_in


def _memory(contender: Contender, programs: Path) -> list[float]:
    """Megabytes: idle, with connections, and (a fresh server) with streams."""
    figures = []
    with echo_server(contender.server, programs) as server:
        figures.append(_at_rest(server))
        with ExitStack() as held:
            for _ in range(_CONNECTIONS):
                held.enter_context(RawClient(("127.0.0.1", server.port))).barrier()
            figures.append(_at_rest(server))
    with echo_server(contender.server, programs) as server, ExitStack() as held:
        for _ in range(_STREAMS // _STREAMS_PER_CONNECTION):
            client = held.enter_context(RawClient(("127.0.0.1", server.port)))
            message = grpc_message(b"o" * 32)
            streams = [client.begin(_REQUEST, message) for _ in range(_STREAMS_PER_CONNECTION)]
            # Its handler has answered, and waits for the next message.
            for stream in streams:
                client.wait_for(Type.DATA, stream=stream)
        figures.append(_at_rest(server))
    return figures


def _at_rest(server: EchoServer) -> float:
    """Megabytes that are resident once they do not change any more."""
    before = 0
    while (now := resident_bytes(server.pid)) != before:
        before = now
        time.sleep(_REST)
    return now / 1e6
