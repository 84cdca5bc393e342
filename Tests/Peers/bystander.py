"""A well-behaved client that calls all the time, while others do what they should not."""

from __future__ import annotations

import threading
import time

import grpc
from interop import Empty, services

# Far above what a call takes beside any attack; one that takes as long was not served.
CALL_TIMEOUT = 10.0


class Bystander:
    """Calls from its beginning to its end, one call after the other, on a connection of its own."""

    def __init__(self, address: str) -> None:
        self.calls = 0
        # Seconds.
        self.slowest = 0.0
        self.failure: grpc.RpcError | None = None
        self._address = address
        self._served = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._call, daemon=True)

    def __enter__(self) -> Bystander:
        """Returns once it was served."""
        self._thread.start()
        assert self._served.wait(CALL_TIMEOUT), "the bystander was not served before it began"
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()

    def wait_for_call(self) -> None:
        """Returns once a call that began after this was answered."""
        for _ in range(2):
            self._served.clear()
            assert self._served.wait(CALL_TIMEOUT), f"the bystander is not served: {self.failure}"

    def _call(self) -> None:
        with grpc.insecure_channel(self._address) as channel:
            stub = services.TestServiceStub(channel)
            while not self._stopping.is_set():
                began = time.monotonic()
                try:
                    stub.EmptyCall(Empty(), timeout=CALL_TIMEOUT)
                except grpc.RpcError as failure:
                    self.failure = failure
                    return
                self.slowest = max(self.slowest, time.monotonic() - began)
                self.calls += 1
                self._served.set()
