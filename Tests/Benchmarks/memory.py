"""Memory of processes as proc(5) counts it."""

from __future__ import annotations

from pathlib import Path


def resident_bytes(pid: int) -> int:
    """Pages in memory, shared ones counted whole."""
    return _rollup(pid, "Rss")


def proportional_bytes(pid: int) -> int:
    """Pages in memory, each divided by the number of processes that share it."""
    return _rollup(pid, "Pss")


def _rollup(pid: int, field: str) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        name, _, value = line.partition(":")
        if name == field:
            return int(value.removesuffix("kB")) * 1024
    raise ValueError(f"/proc/{pid}/smaps_rollup has no {field}")
