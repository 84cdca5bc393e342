"""An agent that runs by hand, without a supervisor."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

from harness.client import Client
from harness.fleet import clean_environment
from harness.notify import NotifySocket
from harness.ports import free_ports
from harness.processes import FAMILY


class DirectAgent:
    """One agent's program, run by hand."""

    def __init__(
        self,
        program: Path,
        scratch: Path,
        *arguments: str,
        pass_fds: tuple[int, ...] = (),
        **environment: str,
    ) -> None:
        self.port = free_ports(1)[0]
        self.state = scratch / "state"
        self.log = scratch / "agent.log"
        self.notify = NotifySocket(scratch / "notify")
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [program, "--port", str(self.port), "--state-dir", self.state, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=pass_fds,
                env=clean_environment(NOTIFY_SOCKET=str(self.notify.path), **environment),
            )
        FAMILY.expect(self.process.pid)

    def wait_until_ready(self) -> None:
        ready = self.notify.wait(lambda said: said.is_ready, within=30)
        assert ready is not None, f"it was not ready in time:\n{self.log.read_text()}"

    def client(self) -> Client:
        return Client(f"127.0.0.1:{self.port}")

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=30)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        FAMILY.forget(self.process.pid)
        self.notify.close()
