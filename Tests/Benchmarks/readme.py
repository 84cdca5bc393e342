"""The table of figures in README.md, between two marks; the rest of the file is left as it is."""

from __future__ import annotations

from harness.places import ROOT

from contenders import CPP, NIO, OURS, OURS_DIRECT, OURS_POOL, TCP
from figures import Figure, shown
from scale_figures import GROUP, SIZES

_README = ROOT / "README.md"
_BEGIN, _END = "<!-- figures: written by make bench README=1 -->", "<!-- end of figures -->"
_COLUMNS = (OURS, OURS_POOL, OURS_DIRECT, CPP, NIO, TCP)
_RATIOS = (f"{OURS.name} / {CPP.name}", f"{OURS.name} / {NIO.name}")
# Group and name of what a reader wants to know first.
_ROWS = [
    ("unary, 32 B, one after the other; one core", "p50"),
    ("unary, 32 B, one after the other; one core", "p99"),
    ("unary, 32 B, one after the other; two cores", "p50"),
    ("unary, 64 KiB, one after the other; one core", "p50"),
    ("unary, 32 B, 64 in flight, 1 connection; two cores", "calls"),
    ("unary, 32 B, 64 in flight, 1 connection; free", "calls"),
    ("unary, 32 B, 64 in flight, 1 connection; free", "CPU of the client"),
    ("unary, 32 B, 64 in flight, 1 connection; free", "CPU of the server"),
    ("unary, 32 B, 512 in flight, 8 connections; free", "calls"),
    ("h2load, 32 B, 64 in flight, 1 connection; two cores", "calls"),
    ("stream, 32 B, server to client; two cores", "messages"),
    ("stream, 64 KiB, server to client; two cores", "bytes"),
    ("stream, 64 KiB, client to server; two cores", "bytes"),
    ("new connection, to its first answer; one core", "p50"),
    ("server", "start to listening"),
    ("server", "resident, idle"),
    ("server", "resident, with 1000 connections"),
    ("server", "resident, with 1000 open streams"),
]


def update_readme(figures: list[Figure], machine: dict[str, str]) -> None:
    """Puts the figures of a whole run into README.md.

    Raises ValueError where a figure is missing, or the marks are.
    """
    text = _README.read_text()
    head, begin, rest = text.partition(_BEGIN)
    _, end, tail = rest.partition(_END)
    if not begin or not end:
        raise ValueError(f"cannot put figures into {_README.name}: it has no {_BEGIN} or {_END}")
    table = "\n".join(_lines(figures, machine))
    _README.write_text(f"{head}{_BEGIN}\n{table}\n{_END}{tail}")


def _lines(figures: list[Figure], machine: dict[str, str]) -> list[str]:
    found = {(figure.group, figure.name): figure for figure in figures}
    missing = [key for key in _ROWS if key not in found]
    if missing:
        raise ValueError(
            f"cannot put figures into {_README.name}: {', '.join(missing[0])} was not measured; "
            "measure all parts, with two processors"
        )
    headings = ["", "", *(each.name for each in _COLUMNS), *_RATIOS]
    described = "; ".join(f"{what} {it}" for what, it in machine.items())
    lines = [f"Measured with {described}.", "", *_heading(headings)]
    for key in _ROWS:
        figure = found[key]
        lines.append(
            _row([
                ", ".join(key),
                figure.unit,
                *(shown(figure.values.get(each.name)) for each in _COLUMNS),
                *(shown(figure.ratios.get(ratio)) for ratio in _RATIOS),
            ])
        )
    lines += ["", *_heading(["fleet", "", ""])]
    lines += [
        _row([figure.name, figure.unit, shown(figure.values[OURS.name])])
        for figure in figures
        if figure.group == "fleet"
    ]
    return lines + _scale_lines(found)


def _scale_lines(found: dict[tuple[str, str], Figure]) -> list[str]:
    """How the cost of supervising grows: a row for each figure, a column for each size of fleet."""
    smallest = GROUP.format(SIZES[0])
    lines = ["", *_heading(["agents", "", *map(str, SIZES)])]
    for (group, name), figure in found.items():
        if group == smallest:
            cells = [found[GROUP.format(size), name] for size in SIZES]
            lines.append(
                _row([name, figure.unit, *(shown(each.values[OURS.name]) for each in cells)])
            )
    return lines


def _heading(cells: list[str]) -> list[str]:
    return [_row(cells), "|" + "---|" * len(cells)]


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"
