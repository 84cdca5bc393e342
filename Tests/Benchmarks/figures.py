"""What was measured, as a table and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """One figure, and the same one of a peer where there is one."""

    name: str
    unit: str
    ours: float
    peer: float | None = None
    peer_name: str | None = None

    @property
    def ratio(self) -> float | None:
        """Ours divided by the peer's."""
        return None if not self.peer else self.ours / self.peer


def write_json(figures: Iterable[Figure], path: Path) -> None:
    """Writes a list of {name, unit, ours, peer, peer_name, ratio}; null where there is no peer."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [
        {
            "name": figure.name,
            "unit": figure.unit,
            "ours": _rounded(figure.ours),
            "peer": _rounded(figure.peer),
            "peer_name": figure.peer_name,
            "ratio": _rounded(figure.ratio),
        }
        for figure in figures
    ]
    path.write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n")


def print_table(figures: list[Figure]) -> None:
    """Prints the figures, aligned, the peers' beside ours."""
    heading = ("", "ours", "peer", "ours / peer", "")
    rows = [
        (
            figure.name,
            _shown(figure.ours),
            _shown(figure.peer),
            _shown(figure.ratio),
            figure.unit,
        )
        for figure in figures
    ]
    widths = [max(len(row[column]) for row in [heading, *rows]) for column in range(5)]
    for name, *numbers, unit in [heading, *rows]:
        aligned = (f"{number:>{width}}" for number, width in zip(numbers, widths[1:]))
        print("  ".join([f"{name:<{widths[0]}}", *aligned, unit]).rstrip())
    for peer in sorted({figure.peer_name for figure in figures if figure.peer_name}):
        print(f"peer: {peer}")


def _shown(value: float | None) -> str:
    """Three significant digits, and never fewer than the whole part has."""
    if value is None:
        return "-"
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f}"


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.5g}")
