"""A NOTIFY_SOCKET as systemd has one (sd_notify(3)): what a service says about itself."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_LARGEST_DATAGRAM = 65536
_MOST_DESCRIPTORS = 64


@dataclass(frozen=True)
class Notification:
    """One datagram: its assignments, and when it came (monotonic seconds)."""

    fields: dict[str, str]
    at: float

    @property
    def is_ready(self) -> bool:
        return self.fields.get("READY") == "1"


class NotifySocket:
    """Receives notifications on a thread of its own and keeps them in order."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._changed = threading.Condition()
        self._received: list[Notification] = []
        self._closed = False
        self._thread = threading.Thread(target=self._receive, name="notify", daemon=True)
        self._thread.start()

    @property
    def received(self) -> list[Notification]:
        with self._changed:
            return list(self._received)

    def wait(
        self, accepts: Callable[[Notification], bool], within: float, *, after: int = 0
    ) -> Notification | None:
        """The first notification that is accepted, skipping `after`; None where none came in time."""
        deadline = time.monotonic() + within
        with self._changed:
            while True:
                for notification in self._received[after:]:
                    if accepts(notification):
                        return notification
                remaining = deadline - time.monotonic()
                if self._closed or remaining <= 0:
                    return None
                self._changed.wait(remaining)

    def give_up(self) -> None:
        """Ends all waiting: nothing more will come."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def close(self) -> None:
        """Receives no more; closing again does nothing."""
        self.give_up()
        if not self._thread.is_alive():
            return
        # Only a datagram ends the receiving.
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as last:
            last.sendto(b"", str(self.path))
        self._thread.join()
        self._socket.close()
        self.path.unlink()

    def _receive(self) -> None:
        while True:
            data, descriptors, _, _ = socket.recv_fds(
                self._socket, _LARGEST_DATAGRAM, _MOST_DESCRIPTORS
            )
            # A barrier's descriptor: closing it tells the sender that all before it was received.
            for descriptor in descriptors:
                os.close(descriptor)
            if not data:
                return
            lines = data.decode(errors="replace").splitlines()
            fields = dict(line.split("=", 1) for line in lines if "=" in line)
            with self._changed:
                self._received.append(Notification(fields, time.monotonic()))
                self._changed.notify_all()
