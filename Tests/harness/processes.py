"""Processes as proc(5) shows them, so that a test can prove that none of its own is left."""

from __future__ import annotations

import ctypes
import os
import select
import time
from dataclasses import dataclass
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True)
class Process:
    """One process. A pid is only a name; with the start time it means one process for good."""

    pid: int
    start_time: int
    parent: int
    group: int
    state: str
    command: str

    @staticmethod
    def find(pid: int) -> Process | None:
        """The process with this pid, if there is one."""
        try:
            text = Path(f"/proc/{pid}/stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            return None
        # The command is in parentheses and may contain any character, so the last one closes it.
        head, _, tail = text.rpartition(")")
        command = head.partition("(")[2]
        fields = tail.split()
        return Process(
            pid=pid,
            start_time=int(fields[19]),
            parent=int(fields[1]),
            group=int(fields[2]),
            state=fields[0],
            command=command,
        )

    def is_alive(self) -> bool:
        """Whether it still runs; a zombie does not."""
        now = Process.find(self.pid)
        return now is not None and now.start_time == self.start_time and now.state not in "ZX"

    def wait(self, within: float) -> bool:
        """Waits until it has ended; False where it still runs after so many seconds."""
        try:
            descriptor = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return True
        try:
            # The pid may have been given away before the descriptor was opened.
            if not self.is_alive():
                return True
            poll = select.poll()
            poll.register(descriptor, select.POLLIN)
            return bool(poll.poll(within * 1000))
        finally:
            os.close(descriptor)

    def __str__(self) -> str:
        return f"{self.command} (pid {self.pid}, state {self.state}, parent {self.parent})"


def adopt_orphans() -> None:
    """Makes this process the parent of every orphan among its descendants (prctl(2)).

    Without it an orphan would become a child of init, and nobody could say whose it was.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "cannot become a subreaper")


def everything() -> list[Process]:
    """All processes of the machine, zombies included."""
    found = (Process.find(int(entry)) for entry in os.listdir("/proc") if entry.isdigit())
    return [process for process in found if process is not None]


def descendants(of: int) -> list[Process]:
    """All living processes below a process, without it."""
    children: dict[int, list[Process]] = {}
    for process in everything():
        children.setdefault(process.parent, []).append(process)
    found: list[Process] = []
    waiting = [of]
    while waiting:
        for child in children.get(waiting.pop(), []):
            waiting.append(child.pid)
            if child.is_alive():
                found.append(child)
    return found


def zombies(of: int) -> list[Process]:
    """The children of a process that have ended, and that it has not waited for."""
    return [process for process in everything() if process.parent == of and process.state == "Z"]


def still_alive(processes: list[Process], within: float) -> list[Process]:
    """Those of the processes that have not ended within so many seconds, all together."""
    deadline = time.monotonic() + within
    return [
        process
        for process in processes
        if not process.wait(max(0.0, deadline - time.monotonic()))
    ]


class Family:
    """The processes that this one started on purpose; any other child of it is a leftover."""

    def __init__(self) -> None:
        adopt_orphans()
        self._expected: set[int] = {child.pid for child in self._children()}

    def expect(self, pid: int) -> None:
        """Says that a child was started on purpose, and that someone waits for its end."""
        self._expected.add(pid)

    def forget(self, pid: int) -> None:
        """Says that a child's end was collected."""
        self._expected.discard(pid)

    def leftovers(self) -> list[Process]:
        """Orphans that still run; the ends of those that do not are collected."""
        left = []
        for orphan in self._children():
            if orphan.pid in self._expected:
                continue
            if orphan.is_alive():
                left.append(orphan)
            else:
                os.waitpid(orphan.pid, 0)
        return left

    @staticmethod
    def _children() -> list[Process]:
        return [process for process in everything() if process.parent == os.getpid()]


FAMILY = Family()
