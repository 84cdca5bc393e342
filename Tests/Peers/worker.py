"""`transport-peer work`: the transport's client, which does what it is told and can be measured between."""

from __future__ import annotations

import subprocess

from transport_peer import PATIENCE, PROGRAM


class Worker:
    """A client of one address."""

    def __init__(self, address: str) -> None:
        self._process = subprocess.Popen(
            [PROGRAM, "work", address], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.pid = self._process.pid

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        # Has no effect on one that has ended.
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()

    def begin(self, order: str, count: int) -> None:
        """Has it begin an order: `calls` or `upload`."""
        self._process.stdin.write(f"{order} {count}\n")
        self._process.stdin.flush()

    def finish(self) -> None:
        """Returns once it has done the last order."""
        said = self._process.stdout.readline()
        assert said == "done\n", f"transport-peer said {said!r}, and not that it is done"

    def do(self, order: str, count: int) -> None:
        self.begin(order, count)
        self.finish()

    def stop(self) -> int:
        """Ends it; returns its exit status."""
        self._process.stdin.close()
        return self._process.wait(PATIENCE)
