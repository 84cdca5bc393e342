"""What a process holds, as proc(5) shows it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

KIB = 1 << 10
MIB = 1 << 20


def _names_socket(descriptor: Path) -> bool:
    try:
        return os.readlink(descriptor).startswith("socket:")
    except FileNotFoundError:
        # Closed since it was listed.
        return False


@dataclass(frozen=True)
class Held:
    """What a process held at one time."""

    memory: int
    descriptors: int
    threads: int


class Footprint:
    """A process's memory in bytes, its descriptors and its threads, all at the time of asking."""

    def __init__(self, pid: int) -> None:
        self._proc = Path("/proc") / str(pid)

    def memory(self) -> int:
        """Its resident memory (VmRSS)."""
        return self._status("VmRSS") * KIB

    def held(self) -> Held:
        return Held(self.memory(), self.descriptors(), self.threads())

    def peak(self) -> int:
        """The most that was resident since the peak was forgotten (VmHWM)."""
        return self._status("VmHWM") * KIB

    def forget_peak(self) -> None:
        """Has the peak begin again at what is resident now."""
        (self._proc / "clear_refs").write_text("5")

    def threads(self) -> int:
        return self._status("Threads")

    def descriptors(self) -> int:
        return len(list((self._proc / "fd").iterdir()))

    def sockets(self) -> int:
        """How many of its descriptors are sockets: others the runtime opens when it first needs them."""
        return sum(1 for each in (self._proc / "fd").iterdir() if _names_socket(each))

    def _status(self, key: str) -> int:
        found = re.search(rf"^{key}:\s+(\d+)", (self._proc / "status").read_text(), re.MULTILINE)
        if found is None:
            raise ValueError(f"cannot read {key} of {self._proc}: its status has none")
        return int(found[1])
