"""Scripts, and waiting for a file as inotify(7) reports it."""

from __future__ import annotations

import ctypes
import os
import select
import time
from pathlib import Path

_IN_MOVED_TO = 0x80
_IN_CLOSE_WRITE = 0x08


def wait_for_file(path: Path, within: float) -> bool:
    """Waits until a complete file has this name; False where there is none after so many seconds."""
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
    if descriptor < 0:
        raise OSError(ctypes.get_errno(), "cannot watch for files: inotify_init1 failed")
    try:
        directory = os.fsencode(path.parent)
        if libc.inotify_add_watch(descriptor, directory, _IN_MOVED_TO | _IN_CLOSE_WRITE) < 0:
            raise OSError(ctypes.get_errno(), f"cannot watch {path.parent}")
        deadline = time.monotonic() + within
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        # Looked for after the watch began, so that it cannot appear in between.
        while not path.exists():
            remaining = deadline - time.monotonic()
            if remaining <= 0 or not poll.poll(remaining * 1000):
                return path.exists()
            os.read(descriptor, 65536)
        return True
    finally:
        os.close(descriptor)


def script(directory: Path, name: str, text: str) -> str:
    """Writes a shell script and returns its path."""
    path = directory / name
    path.write_text("#!/bin/sh\n" + text.lstrip("\n"))
    path.chmod(0o755)
    return str(path)
