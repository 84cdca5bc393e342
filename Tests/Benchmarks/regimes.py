"""Where the scheduler may put the two ends.

A machine of two processors has two regimes, both ends on one and each on its own, whose figures differ by
more than those of most programs; a free scheduler flips between them.
"""

from __future__ import annotations

import os
from enum import Enum

_PROCESSORS = sorted(os.sched_getaffinity(0))


class Regime(Enum):
    """Where the server and the client run."""

    FREE = "free"
    TOGETHER = "one core"
    APART = "two cores"

    def server(self) -> list[str]:
        """What the server's command line begins with."""
        return self._pinned(_PROCESSORS[0])

    def client(self) -> list[str]:
        """What the client's command line begins with."""
        return self._pinned(_PROCESSORS[1] if self is Regime.APART else _PROCESSORS[0])

    @property
    def exists(self) -> bool:
        """Whether this machine has processors enough."""
        return self is not Regime.APART or len(_PROCESSORS) > 1

    def _pinned(self, processor: int) -> list[str]:
        return [] if self is Regime.FREE else ["taskset", "--cpu-list", str(processor)]
