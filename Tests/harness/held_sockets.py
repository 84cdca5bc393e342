"""Listening sockets that outlive the service that is given them, as a socket unit of systemd's does."""

from __future__ import annotations

import fcntl
import socket
import sys
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

_FIRST_PASSED = 3  # SD_LISTEN_FDS_START, sd_listen_fds(3)
# Above any number that they are passed as, so that moving one does not close another.
_FIRST_KEPT = 200
# The process that becomes the program: its pid is the one that LISTEN_PID has to say.
_ACTIVATE = f"""
import os, sys
kept = sys.argv[1].split(",")
for number, descriptor in enumerate(kept, start={_FIRST_PASSED}):
    os.dup2(int(descriptor), number)
    os.close(int(descriptor))
os.environ |= {{"LISTEN_FDS": str(len(kept)), "LISTEN_PID": str(os.getpid())}}
os.execv(sys.argv[2], sys.argv[2:])
"""


class HeldSockets:
    """Listens on ports of loopback and on a unix socket, for programs that are started with them."""

    def __init__(self, ports: Iterable[int], path: Path) -> None:
        self._closing = ExitStack()
        self.descriptors: list[int] = []
        for port in ports:
            self._listen(socket.AF_INET, ("127.0.0.1", port))
        self._listen(socket.AF_UNIX, str(path))

    def command(self, *program: str | Path) -> list[str]:
        """A command that becomes the program, given the sockets; it needs `descriptors` passed."""
        kept = ",".join(map(str, self.descriptors))
        return [sys.executable, "-I", "-S", "-c", _ACTIVATE, kept, *map(str, program)]

    def close(self) -> None:
        self._closing.close()

    def _listen(self, family: socket.AddressFamily, address: object) -> None:
        with socket.socket(family, socket.SOCK_STREAM) as opened:
            if family == socket.AF_INET:
                opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            opened.bind(address)
            opened.listen(4096)
            kept = fcntl.fcntl(opened.fileno(), fcntl.F_DUPFD_CLOEXEC, _FIRST_KEPT)
        held = self._closing.enter_context(socket.socket(fileno=kept))
        self.descriptors.append(held.fileno())
