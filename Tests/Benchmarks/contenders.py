"""What is measured: ours in three ways, and the peers."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

_GRPCIO = Path(__file__).parent / "Sources" / "echo-grpcio" / "echo_grpcio.py"
_SERVICE = "/bench.Echo"


class Program(Enum):
    """An echo program, with one command line for all of them: `serve`, `unary`, `upload`..."""

    HTTP2 = "echo-http2"
    NIO = "echo-nio"
    CPP = "echo-grpcpp"
    PYTHON = "echo-grpcio"
    TCP = "echo-tcp"

    def command(self, programs: Path) -> list[str]:
        """What its command line begins with."""
        if self is Program.PYTHON:
            return [sys.executable, str(_GRPCIO)]
        return [str(programs / self.value)]


@dataclass(frozen=True)
class Contender:
    """A client against a server."""

    # A column's heading, and a key of the JSON.
    name: str
    server: Program
    client: Program
    # The client's own options.
    options: tuple[str, ...] = ()
    # The method that h2load calls.
    path: str = f"{_SERVICE}/Echo"


# Callers on the transport's loop, through GRPCCore as generated stubs call.
OURS = Contender("ours", Program.HTTP2, Program.HTTP2, ("caller=loop",))
# Callers on the concurrency pool, as in a program that knows nothing of the transport.
OURS_POOL = Contender("ours, pool", Program.HTTP2, Program.HTTP2, ("caller=pool",))
# Past GRPCCore, on both sides.
OURS_DIRECT = Contender(
    "ours, direct", Program.HTTP2, Program.HTTP2, ("caller=direct",), f"{_SERVICE}/EchoDirect"
)
NIO = Contender("NIO", Program.NIO, Program.NIO)
CPP = Contender("C++", Program.CPP, Program.CPP)
PYTHON = Contender("Python", Program.PYTHON, Program.PYTHON)
PYTHON_CPP = Contender("Python > C++", Program.CPP, Program.PYTHON)
TCP = Contender("TCP", Program.TCP, Program.TCP)

# The order of the columns.
ALL = (OURS, OURS_POOL, OURS_DIRECT, CPP, NIO, PYTHON, PYTHON_CPP, TCP)
# With a server of its own each.
SERVERS = (OURS, CPP, NIO, PYTHON)
# Ours divided by the peer's, for each figure that has both.
RATIOS = ((OURS, CPP), (OURS, NIO), (OURS_DIRECT, CPP), (OURS_DIRECT, TCP))
