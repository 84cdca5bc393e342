"""A server that is measured, for the time of a measurement."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from contenders import Program
from regimes import Regime


@dataclass(frozen=True)
class EchoServer:
    """A server that listens."""

    pid: int
    port: int
    # From its start until it said its port.
    started_in: float

    def cpu_time(self) -> float:
        """Seconds of processor time that it has used (clock_getcpuclockid(3))."""
        return time.clock_gettime(~self.pid << 3 | 2)


@contextmanager
def echo_server(
    program: Program, programs: Path, regime: Regime = Regime.FREE
) -> Iterator[EchoServer]:
    """Starts a server, and kills it in the end."""
    # It goes with this process, whatever that one's end is.
    command = ["setpriv", "--pdeathsig", "KILL", *regime.server(), *program.command(programs), "serve"]
    began = time.monotonic()
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            port = process.stdout.readline().strip()
            started_in = time.monotonic() - began
            if not port:
                raise RuntimeError(
                    f"cannot measure {program.value}: it ended with {process.wait()} and said no port"
                )
            yield EchoServer(process.pid, int(port), started_in)
        finally:
            process.kill()
