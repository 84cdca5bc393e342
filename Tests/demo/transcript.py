"""What the demo prints: headings, facts, streamed lines; in colour on a terminal only."""

from __future__ import annotations

import os
import shutil
import sys

_BOLD, _DIM, _RED, _GREEN, _YELLOW, _BLUE, _CYAN = "1", "2", "31", "32", "33", "34", "36"
_WIDEST = 110
_BARS = "▁▂▃▄▅▆▇█"


class Transcript:
    """Prints to standard output, a line at a time, flushed, so that it is read as it happens."""

    def __init__(self) -> None:
        stream = sys.stdout
        self._colour = (
            stream.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
        )
        self._width = min(shutil.get_terminal_size((_WIDEST, 24)).columns, _WIDEST)
        # A redirected transcript must not fail on a mark that its encoding lacks.
        stream.reconfigure(errors="replace", line_buffering=True)

    def title(self, text: str) -> None:
        print(self._paint(text, _BOLD))

    def step(self, number: int, text: str) -> None:
        print()
        print(self._paint(f"{number}  {text}", _BOLD, _BLUE))

    def fact(self, name: str, value: str) -> None:
        print(f"   {self._paint(f'{name:<22}', _DIM)} {value}")

    def kept(self, text: str) -> None:
        print(f"   {self._paint('✔', _GREEN)} {text}")

    def broken(self, text: str) -> None:
        print(f"   {self._paint('✘', _RED)} {text}")

    def note(self, text: str) -> None:
        print(f"   {self._paint(text, _DIM)}")

    def line(self, at: float, stream: str, text: str) -> None:
        """A line of a program: when it came, which stream it came on, and what it says."""
        colour = {"out": _GREEN, "err": _YELLOW}.get(stream, _CYAN)
        room = self._width - 18
        shown = text if len(text) <= room else text[: room - 1] + "…"
        print(f"   {self._paint(f'{at:6.2f} s', _DIM)} {self._paint(stream, colour)} │ {shown}")

    def block(self, text: str) -> None:
        """Another program's output, as it wrote it."""
        for line in text.rstrip("\n").splitlines():
            print(f"   {line}")

    def bars(self, counts: list[int]) -> str:
        """Counts as a row of bars; a space where there was nothing."""
        highest = max(counts, default=0)
        if highest == 0:
            return ""
        bars = (_BARS[round(count / highest * (len(_BARS) - 1))] if count else " " for count in counts)
        return self._paint("".join(bars), _CYAN)

    def _paint(self, text: str, *codes: str) -> str:
        if not self._colour:
            return text
        return f"\x1b[{';'.join(codes)}m{text}\x1b[0m"
