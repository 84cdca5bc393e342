"""The program under test: the transport as a server and as a client."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from harness.places import DEBUG_PROGRAMS

PROGRAM = Path(os.environ.get("OP_AGENTS_PROGRAMS", DEBUG_PROGRAMS)).resolve() / "transport-peer"
# Seconds that a process may take for what it does in a fraction of one.
PATIENCE = 30.0


class Server:
    """`transport-peer serve`, until it is stopped."""

    def __init__(self, *options: object) -> None:
        """Starts it, and returns once it listens."""
        self.process = subprocess.Popen(
            [PROGRAM, "serve", *map(str, options)], stdout=subprocess.PIPE, text=True
        )
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"cannot serve: transport-peer ended with {self.process.wait()}")
        # As grpcio takes it: 127.0.0.1:12345, or unix:/path.
        self.address = line.removeprefix("listening on ").strip()

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def endpoint(self) -> tuple[str, int]:
        """The address for a socket."""
        host, _, port = self.address.rpartition(":")
        return host, int(port)

    def stop(self) -> int:
        """Asks it to end; returns its exit status."""
        try:
            self.process.send_signal(signal.SIGTERM)
            return self.process.wait(PATIENCE)
        finally:
            # Has no effect on one that has ended.
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()


def call(case: str, address: str, *options: object) -> None:
    """Runs a case as a client; raises AssertionError with what differed."""
    done = subprocess.run(
        [PROGRAM, "call", case, address, *map(str, options)],
        stderr=subprocess.PIPE,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr


@dataclass(frozen=True)
class Outcome:
    """How a call ended for the client."""

    status: int
    message: str
    # Of the response's payload, in bytes; None where there is none.
    size: int | None
    initial: dict[str, list[str]]
    trailing: dict[str, list[str]]


@contextmanager
def calling(address: str, *options: object) -> Iterator[Iterator[Outcome]]:
    """A client that makes unary calls; yields the outcomes as they come."""
    process = subprocess.Popen(
        [PROGRAM, "outcomes", address, *map(str, options)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout.readline() == "calling\n"
        yield (_outcome(line) for line in process.stdout)
        assert process.wait(PATIENCE) == 0
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def outcomes(address: str, *options: object) -> list[Outcome]:
    """Makes unary calls as a client; returns how each ended."""
    with calling(address, *options) as made:
        return list(made)


def _outcome(line: str) -> Outcome:
    fields = json.loads(line)
    return Outcome(**{"size": None, **fields})
