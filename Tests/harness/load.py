"""Writes that never pause, so that a failure in the middle of them can be counted."""

from __future__ import annotations

import os
import signal
import threading
import time
from dataclasses import dataclass, field

import grpc

from harness.client import Client
from harness.contracts import memory
from harness.ports import connect_time
from harness.processes import Process

_CALL_TIMEOUT = 20.0
_CONNECT_TIMEOUT = 20.0
_MOST_KEYS_OF_A_RECALL = 10_000
# Often enough to meet a gap of a few milliseconds, seldom enough to leave the machine to the writers.
_CONNECT_INTERVAL = 0.002


@dataclass(frozen=True)
class Write:
    """A write that was acknowledged: its key, and when its last attempt began and was answered."""

    key: str
    began: float
    acknowledged: float


@dataclass
class Record:
    """What happened, in monotonic seconds. Only complete once the load has stopped."""

    writes: list[Write] = field(default_factory=list)
    # Calls that were cut off and made again, by the status that they failed with.
    repeated: list[grpc.StatusCode] = field(default_factory=list)
    connections: int = 0
    refused: int = 0
    slowest_connect: float = 0.0
    # What should not have happened: a status that is not UNAVAILABLE, a connection that failed.
    errors: list[str] = field(default_factory=list)


def value_of(key: str) -> str:
    """What the loads write under a key."""
    return f"the value of {key}"


def lost(port: int, keys: list[str], namespace: str) -> list[str]:
    """Those of the keys whose value the memory agent at a port does not have."""
    missing = []
    with Client(f"127.0.0.1:{port}") as client:
        for start in range(0, len(keys), _MOST_KEYS_OF_A_RECALL):
            recall = memory.MemoryBulkRecallRequest(
                keys=keys[start : start + _MOST_KEYS_OF_A_RECALL], namespace=namespace
            )
            for entry in client.memory.BulkRecall(recall, timeout=60):
                if not entry.found or entry.value != value_of(entry.key):
                    missing.append(entry.key)
    return missing


class LoadFailed(Exception):
    """Writes or connections failed that should not have, or the writes did not come on."""


class WriteLoad:
    """Writers that remember one key after the other on the memory agent's own port, and a prober that
    keeps opening connections to it.

    A write that fails with UNAVAILABLE is made again, as a client should: with the same key and value.
    """

    def __init__(self, port: int, *, writers: int, namespace: str) -> None:
        self.record = Record()
        self._port = port
        self._namespace = namespace
        self._changed = threading.Condition()
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._write, args=(number,), daemon=True)
            for number in range(writers)
        ]
        self._threads.append(threading.Thread(target=self._connect, daemon=True))

    def __enter__(self) -> WriteLoad:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> Record:
        self._stopping.set()
        for thread in self._threads:
            thread.join()
        return self.record

    def wait_for_writes(self, count: int, within: float, *, begun_after: float = 0.0) -> None:
        """Waits until so many acknowledged writes began after a moment.

        Raises LoadFailed on the first error, and when time runs out.
        """

        looked_at = found = 0

        def enough() -> bool:
            nonlocal looked_at, found
            for write in self.record.writes[looked_at:]:
                found += write.began > begun_after
            looked_at = len(self.record.writes)
            return found >= count or bool(self.record.errors)

        with self._changed:
            in_time = self._changed.wait_for(enough, within)
        if self.record.errors:
            raise LoadFailed(f"a writer or a connection failed: {self.record.errors}")
        if not in_time:
            raise LoadFailed(f"only {found} of {count} writes within {within} s")

    def lost(self) -> list[str]:
        """The acknowledged keys whose value is not there any more."""
        keys = [write.key for write in self.record.writes]
        return lost(self._port, keys, self._namespace)

    def _write(self, writer: int) -> None:
        with Client(f"127.0.0.1:{self._port}") as client:
            number = 0
            while not self._stopping.is_set():
                key = f"{writer}-{number}"
                began = time.monotonic()
                try:
                    client.memory.Remember(
                        memory.MemoryRememberRequest(
                            key=key, value=value_of(key), namespace=self._namespace
                        ),
                        timeout=_CALL_TIMEOUT,
                        wait_for_ready=True,
                    )
                except grpc.RpcError as error:
                    self._failed(key, error)
                    continue
                with self._changed:
                    self.record.writes.append(Write(key, began, time.monotonic()))
                    self._changed.notify_all()
                number += 1

    def _failed(self, key: str, error: grpc.RpcError) -> None:
        with self._changed:
            self.record.repeated.append(error.code())
            if error.code() != grpc.StatusCode.UNAVAILABLE:
                self.record.errors.append(f"remember {key}: {error.code()} {error.details()}")
                self._stopping.set()
            self._changed.notify_all()

    def _connect(self) -> None:
        while not self._stopping.wait(_CONNECT_INTERVAL):
            self.record.connections += 1
            try:
                took = connect_time(self._port, _CONNECT_TIMEOUT)
                self.record.slowest_connect = max(self.record.slowest_connect, took)
            # Reset: it was still in the queue of a listener that was closed.
            except (ConnectionRefusedError, ConnectionResetError):
                self.record.refused += 1
            except OSError as error:
                self.record.errors.append(f"connect: {error}")


@dataclass(frozen=True)
class Kill:
    """When a process got its SIGKILL, and when it had ended, in monotonic seconds."""

    sent: float
    ended: float


def kill(process: Process) -> Kill:
    """Ends a process with SIGKILL and waits for its end."""
    sent = time.monotonic()
    os.kill(process.pid, signal.SIGKILL)
    if not process.wait(within=10):
        raise TimeoutError(f"{process} did not end on SIGKILL")
    return Kill(sent, time.monotonic())
