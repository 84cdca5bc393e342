"""A program on a terminal of its own, as a person has it before them."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable
from pathlib import Path

_ENTER_SCREEN = b"\x1b[?1049h"
_LEAVE_SCREEN = b"\x1b[?1049l"
_HOME = b"\x1b[H"


class Terminal:
    """A pseudoterminal with a program on it; what it wrote is kept."""

    def __init__(
        self, command: list[str | Path], environment: dict[str, str], *, lines: int = 24, columns: int = 80
    ) -> None:
        self._ours, self._its = pty.openpty()
        self.resize(lines, columns, tell=False)
        self.modes = termios.tcgetattr(self._its)
        self.written = b""
        self.process = subprocess.Popen(
            command,
            stdin=self._its,
            stdout=self._its,
            stderr=self._its,
            env=environment,
            start_new_session=True,
        )

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._ours)
        os.close(self._its)

    def resize(self, lines: int, columns: int, *, tell: bool = True) -> None:
        """Gives the window another size; the program is told by SIGWINCH, as a window would."""
        fcntl.ioctl(self._ours, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        if tell:
            self.process.send_signal(signal.SIGWINCH)

    def press(self, keys: str) -> None:
        os.write(self._ours, keys.encode())

    def modes_now(self) -> list[object]:
        return termios.tcgetattr(self._its)

    def wait_for(self, is_there: Callable[[str], bool], within: float = 60) -> str:
        """Reads until a whole picture is as wanted, and returns it: the text without its colours."""
        deadline = time.monotonic() + within
        while not is_there(self.picture()):
            assert self._read(deadline), f"it did not show that; it showed:\n{self.picture()}"
        return self.picture()

    def wait_for_end(self, within: float = 60) -> int:
        """Reads to the end and returns the exit status."""
        deadline = time.monotonic() + within
        while self.process.poll() is None:
            assert time.monotonic() < deadline, "it did not end"
            self._read(min(deadline, time.monotonic() + 0.05))
        while self._read(time.monotonic()):
            pass
        return self.process.returncode

    def picture(self) -> str:
        """The last picture that it drew to its end."""
        pictures = self.written.split(_HOME)[1:]
        whole = [each for each in pictures if each.endswith(b"\x1b[J") or b"\x1b[J" in each]
        return _plain(whole[-1]) if whole else ""

    @property
    def is_on_alternate_screen(self) -> bool:
        return self.written.rfind(_ENTER_SCREEN) > self.written.rfind(_LEAVE_SCREEN)

    def _read(self, deadline: float) -> bool:
        remaining = max(0.0, deadline - time.monotonic())
        if not select.select([self._ours], [], [], remaining)[0]:
            return False
        self.written += os.read(self._ours, 65536)
        return True


def _plain(picture: bytes) -> str:
    return re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", picture).decode().replace("\r", "")
