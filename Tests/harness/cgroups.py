"""A control group (version 2) that is given away as systemd gives one with Delegate=yes."""

from __future__ import annotations

import os
import select
import tempfile
import time
from pathlib import Path


def own_cgroup() -> Path | None:
    """This process's; None where version 2 is not mounted."""
    lines = Path("/proc/self/cgroup").read_text().splitlines()
    path = next((line[3:] for line in lines if line.startswith("0::")), None)
    roots = (Path("/sys/fs/cgroup"), Path("/sys/fs/cgroup/unified"))
    found = [root / path.lstrip("/") for root in roots] if path else []
    return next((each for each in found if (each / "cgroup.procs").exists()), None)


class DelegatedCgroup:
    """One below this process's own, which whoever runs in it may divide."""

    def __init__(self) -> None:
        own = own_cgroup()
        if own is None or not os.access(own, os.W_OK):
            raise PermissionError("this user may make no control groups")
        self.path = Path(tempfile.mkdtemp(prefix="op-agents-test-", dir=own))
        os.setxattr(self.path, "user.delegate", b"1")

    @property
    def entering(self) -> str:
        """A shell's command that moves the shell into it."""
        return f"echo $$ >{self.path}/cgroup.procs"

    def children(self) -> set[str]:
        """Their names."""
        return {each.name for each in self.path.iterdir() if each.is_dir()}

    def processes(self) -> set[int]:
        """Those in it and below."""
        files = [self.path / "cgroup.procs", *self.path.glob("**/cgroup.procs")]
        return {int(pid) for file in files for pid in file.read_text().split()}

    def wait_until_empty(self, within: float) -> bool:
        """Waits until no process is in it; False where some are after so many seconds."""
        deadline = time.monotonic() + within
        events = os.open(self.path / "cgroup.events", os.O_RDONLY | os.O_CLOEXEC)
        try:
            poll = select.poll()
            poll.register(events, select.POLLPRI)
            # Whoever has read the file is told of its next change.
            while b"populated 0" not in os.pread(events, 4096, 0):
                left = deadline - time.monotonic()
                if left <= 0 or not poll.poll(left * 1000):
                    return False
            return True
        finally:
            os.close(events)

    def close(self) -> None:
        """Ends what is in it, and removes it."""
        (self.path / "cgroup.kill").write_text("1")
        self.wait_until_empty(within=30)
        for directory, _, _ in os.walk(self.path, topdown=False):
            os.rmdir(directory)
