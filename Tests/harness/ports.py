"""TCP ports on loopback, and who holds them."""

from __future__ import annotations

import socket
import time
from contextlib import ExitStack
from pathlib import Path

_ESTABLISHED = "01"


def free_ports(count: int) -> list[int]:
    """Different ports that nothing listened on a moment ago, as the kernel chose them."""
    with ExitStack() as held:
        # All are held until the last is chosen, or the kernel might choose one twice.
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def listens(port: int) -> bool:
    """Whether a connection to the port is accepted."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except ConnectionRefusedError:
        return False
    return True


def connections_to(port: int) -> int:
    """How many established connections this machine has to a loopback port, counted at its end."""
    local = f"0100007F:{port:04X}"
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    fields = (line.split() for line in lines)
    return sum(1 for field in fields if field[1] == local and field[3] == _ESTABLISHED)


def connect_time(port: int, timeout: float) -> float:
    """Connects and closes with a reset, which leaves no TIME_WAIT behind; returns the seconds."""
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        return time.monotonic() - began
