"""Somebody who uses the fleet while something else in it goes wrong."""

from __future__ import annotations

import threading

import grpc

from harness.client import Client


class Bystander:
    """Calls an agent over the supervisor, one call after the other, and minds every failure."""

    def __init__(self, address: str, agent: str, operation: str) -> None:
        self._address = address
        self._call = (agent, operation)
        self._changed = threading.Condition()
        self._answers = 0
        self._error: str | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Bystander:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()

    def is_served(self, times: int, within: float = 60) -> bool:
        """Waits for so many further answers; False where a call failed or they did not come."""
        with self._changed:
            wanted = self._answers + times
            self._changed.wait_for(lambda: self._answers >= wanted or self._error, within)
            return self._answers >= wanted and self._error is None

    @property
    def error(self) -> str | None:
        """Why the first call that failed did."""
        return self._error

    def _run(self) -> None:
        with Client(self._address) as client:
            while not self._stopping.is_set():
                error = None
                try:
                    client.execute(*self._call)
                except (grpc.RpcError, AssertionError) as failure:
                    error = str(failure)
                with self._changed:
                    self._answers += 1
                    self._error = self._error or error
                    self._changed.notify_all()
