"""TCP ports on loopback, and who holds them."""

from __future__ import annotations

import random
import socket
import time
from contextlib import ExitStack
from pathlib import Path

# States of a TCP socket, as proc_net_tcp writes them.
_ESTABLISHED = "01"
_LISTEN = "0A"
_EPHEMERAL_PORTS = Path("/proc/sys/net/ipv4/ip_local_port_range")
# Above the ports of well-known services.
_FIRST_PORT = 20_000


def free_ports(count: int) -> list[int]:
    """Different ports that nothing listened on a moment ago.

    None that the kernel gives to outgoing connections (ip(7), ip_local_port_range): one of those
    could take the port while a server is down, even by connecting to itself.
    """
    first_ephemeral = int(_EPHEMERAL_PORTS.read_text().split()[0])
    candidates = random.sample(range(_FIRST_PORT, first_ephemeral), first_ephemeral - _FIRST_PORT)
    with ExitStack() as held:
        free: list[int] = []
        while len(free) < count:
            each = held.enter_context(socket.socket())
            try:
                each.bind(("127.0.0.1", candidates.pop()))
            except OSError:
                continue
            free.append(each.getsockname()[1])
        return free


def listens(port: int) -> bool:
    """Whether a connection to the port is accepted."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except ConnectionRefusedError:
        return False
    return True


def listeners(port: int) -> int:
    """How many sockets of this machine listen on a loopback port, whoever has them."""
    return _sockets(port, _LISTEN)


def connections_to(port: int) -> int:
    """How many established connections this machine has to a loopback port, counted at its end."""
    return _sockets(port, _ESTABLISHED)


def _sockets(port: int, state: str) -> int:
    local = f"0100007F:{port:04X}"
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    fields = (line.split() for line in lines)
    return sum(1 for field in fields if field[1] == local and field[3] == state)


def connect_time(port: int, timeout: float) -> float:
    """Connects and closes with a reset, which leaves no TIME_WAIT behind; returns the seconds."""
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        return time.monotonic() - began
