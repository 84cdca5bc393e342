"""How the contenders are called, and what is read of it."""

from __future__ import annotations

from dataclasses import dataclass

from contenders import (
    ALL,
    CPP,
    NIO,
    OURS,
    OURS_DIRECT,
    OURS_POOL,
    PYTHON,
    PYTHON_CPP,
    TCP,
    Contender,
)
from regimes import Regime


@dataclass(frozen=True)
class Reading:
    """One number of what a client prints."""

    key: str
    name: str
    unit: str
    scale: float = 1.0


@dataclass(frozen=True)
class Load:
    """One way to call, in one regime."""

    title: str
    command: str
    options: tuple[str, ...]
    regime: Regime
    contenders: tuple[Contender, ...]
    readings: tuple[Reading, ...]
    # Of those few that a quick run measures too.
    is_central: bool = False

    def __str__(self) -> str:
        return f"{self.title}; {self.regime.value}"


_LATENCIES = (
    Reading("p50_us", "p50", "µs"),
    Reading("p99_us", "p99", "µs"),
    Reading("p999_us", "p99.9", "µs"),
)
_CPU = (
    Reading("client_cpu_us", "CPU of the client", "µs/call"),
    Reading("server_cpu_us", "CPU of the server", "µs/call"),
)
_CALLS = (Reading("calls_per_second", "calls", "1/s"),)

_SIZES = {32: "32 B", 1024: "1 KiB", 65536: "64 KiB"}
_SWIFT_AND_CPP = (OURS, OURS_POOL, OURS_DIRECT, CPP, NIO)
_PINNED = (Regime.TOGETHER, Regime.APART)


def _sequential() -> list[Load]:
    return [
        Load(
            title=f"unary, {name}, one after the other",
            command="unary",
            options=(f"size={size}",),
            regime=regime,
            contenders=ALL if size == 32 else (*_SWIFT_AND_CPP, TCP),
            readings=(*_LATENCIES, *_CPU) if size == 32 else _LATENCIES,
            is_central=size == 32,
        )
        for size, name in _SIZES.items()
        for regime in _PINNED
    ]


def _concurrent() -> list[Load]:
    loads = []
    for in_flight in (1, 8, 64, 512):
        for connections in (1, 8):
            if in_flight < connections:
                continue
            is_central = in_flight == 64 and connections == 1
            for regime in Regime if is_central else (Regime.FREE,):
                plural = "s" if connections > 1 else ""
                loads.append(
                    Load(
                        title=f"unary, 32 B, {in_flight} in flight, {connections} connection{plural}",
                        command="unary",
                        options=("size=32", f"in-flight={in_flight}", f"connections={connections}"),
                        regime=regime,
                        contenders=(*_SWIFT_AND_CPP, PYTHON, PYTHON_CPP)
                        if is_central
                        else _SWIFT_AND_CPP,
                        readings=(*_CALLS, *_CPU) if is_central else _CALLS,
                        is_central=is_central,
                    )
                )
    return loads


def _streams() -> list[Load]:
    loads = []
    for command, direction in (("upload", "client to server"), ("download", "server to client")):
        for size in (32, 65536):
            rate = (
                Reading("messages_per_second", "messages", "1/s")
                if size == 32
                else Reading("messages_per_second", "bytes", "MB/s", scale=size / 1e6)
            )
            loads += [
                Load(
                    title=f"stream, {_SIZES[size]}, {direction}",
                    command=command,
                    options=(f"size={size}",),
                    regime=regime,
                    contenders=(OURS, CPP, NIO),
                    readings=(rate,),
                )
                for regime in _PINNED
            ]
    return loads


def _connections() -> list[Load]:
    return [
        Load(
            title="new connection, to its first answer",
            command="connect",
            options=(),
            regime=Regime.TOGETHER,
            contenders=(OURS, CPP, NIO, TCP),
            readings=_LATENCIES[:2],
        )
    ]


LOADS = [
    load
    for load in (*_sequential(), *_concurrent(), *_streams(), *_connections())
    if load.regime.exists
]
