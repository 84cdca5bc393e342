"""A reader's speed."""

from __future__ import annotations

import time


class Pace:
    """Lets through so many bytes a second, from its beginning on."""

    def __init__(self, bytes_per_second: float) -> None:
        self.passed = 0
        self._rate = bytes_per_second
        self._began = time.monotonic()

    def take(self, count: int) -> None:
        """Returns once so many bytes more are due.

        It sleeps: to be slow is what a slow reader is for, and nothing else happens that could be waited for.
        """
        self.passed += count
        time.sleep(max(0.0, self._began + self.passed / self._rate - time.monotonic()))

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began
