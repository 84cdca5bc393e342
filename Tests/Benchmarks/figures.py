"""What was measured, as a table and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from contenders import ALL, OURS, RATIOS


@dataclass(frozen=True)
class Figure:
    """One figure, of everybody for whom it was measured."""

    # What was done; figures of one group belong together.
    group: str
    name: str
    unit: str
    # By the names of contenders; what has no peer is ours.
    values: dict[str, float]

    @property
    def ratios(self) -> dict[str, float]:
        """Ours divided by a peer's, by "ours / peer"."""
        return {
            f"{ours.name} / {peer.name}": self.values[ours.name] / self.values[peer.name]
            for ours, peer in RATIOS
            if ours.name in self.values and self.values.get(peer.name)
        }


def own(group: str, name: str, unit: str, value: float) -> Figure:
    """A figure without a peer."""
    return Figure(group, name, unit, {OURS.name: value})


def write_json(figures: Iterable[Figure], machine: dict[str, str], path: Path) -> None:
    """Writes {machine, figures: [{group, name, unit, values, ratios}]}."""
    rows = [
        asdict(figure)
        | {"values": _rounded(figure.values), "ratios": _rounded(figure.ratios)}
        for figure in figures
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    contents = {"machine": machine, "figures": rows}
    path.write_text(json.dumps(contents, indent=2, ensure_ascii=False) + "\n")


def read_json(path: Path) -> tuple[list[Figure], dict[str, str]]:
    """What `write_json` wrote."""
    contents = json.loads(path.read_text())
    figures = [
        Figure(row["group"], row["name"], row["unit"], row["values"]) for row in contents["figures"]
    ]
    return figures, contents["machine"]


def print_table(figures: list[Figure]) -> None:
    """Prints the figures, aligned, with a heading for each group."""
    columns = [each.name for each in ALL if any(each.name in figure.values for figure in figures)]
    ratios = [f"{ours.name} / {peer.name}" for ours, peer in RATIOS]
    heading = ["", "", *columns, *ratios]
    rows = [
        [
            "  " + figure.name,
            figure.unit,
            *(shown(figure.values.get(column)) for column in columns),
            *(shown(figure.ratios.get(ratio)) for ratio in ratios),
        ]
        for figure in figures
    ]
    widths = [max(map(len, column)) for column in zip(heading, *rows)]

    def line(row: list[str]) -> str:
        texts = [f"{text:<{width}}" for text, width in zip(row[:2], widths)]
        numbers = [f"{text:>{width}}" for text, width in zip(row[2:], widths[2:])]
        return "  ".join(texts + numbers).rstrip()

    print(line(heading))
    group = ""
    for figure, row in zip(figures, rows):
        if figure.group != group:
            group = figure.group
            print(group)
        print(line(row))


def shown(value: float | None) -> str:
    """Three significant digits, and never fewer than the whole part has; "" for none."""
    if value is None:
        return ""
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f}"


def _rounded(values: dict[str, float]) -> dict[str, float]:
    return {key: float(f"{value:.5g}") for key, value in values.items()}
