"""Instructions that one call takes, counted by valgrind: the same on a busy machine as on an idle one.

Client and server run under callgrind, with so many calls one after the other and then with twice as
many; the difference is what the calls took, without what the programs took to start. All of either side
runs on one thread, its event loop, so two counts differ by less than one in a hundred.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# After so many what is found out once and kept has been.
_CALLS = 500
_COLLECTED = re.compile(r"Collected : (\d+)")


@dataclass(frozen=True)
class Instructions:
    """What one call takes."""

    client: int
    server: int


def count_instructions(program: Path, scratch: Path, options: list[str]) -> Instructions:
    """Counts for one way to call.

    `options` are those of the program's `count`. The profiles stay in `scratch`, for callgrind_annotate.
    """
    # Without its debug information, which valgrind 3.19 cannot read.
    stripped = scratch / program.name
    subprocess.run(["strip", "--strip-debug", "-o", stripped, program], check=True)
    once = _run(stripped, scratch, _CALLS, options)
    twice = _run(stripped, scratch, 2 * _CALLS, options)
    return Instructions(
        client=(twice.client - once.client) // _CALLS,
        server=(twice.server - once.server) // _CALLS,
    )


def _run(program: Path, scratch: Path, calls: int, options: list[str]) -> Instructions:
    client, server = (scratch / f"callgrind.{calls}.{side}" for side in ("client", "server"))
    with _counted(server, program, "serve") as serving:
        assert serving.stdout is not None
        port = serving.stdout.readline().strip()
        arguments = [f"port={port}", f"calls={calls}", *options]
        with _counted(client, program, "count", *arguments) as calling:
            if calling.wait() != 0:
                raise RuntimeError(f"cannot count: {_log(client).read_text()}")
        # Valgrind writes what it has counted before the signal ends the server.
        serving.terminate()
    return Instructions(client=_collected(client), server=_collected(server))


@contextmanager
def _counted(profile: Path, *command: str | Path) -> Iterator[subprocess.Popen[str]]:
    valgrind = [
        "valgrind",
        "--tool=callgrind",
        f"--callgrind-out-file={profile}",
        f"--log-file={_log(profile)}",
    ]
    with subprocess.Popen(
        # It goes with this process, whatever that one's end is.
        ["setpriv", "--pdeathsig", "KILL", *valgrind, *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        except BaseException:
            process.kill()
            raise


def _log(profile: Path) -> Path:
    return profile.with_suffix(profile.suffix + ".log")


def _collected(profile: Path) -> int:
    text = _log(profile).read_text()
    counted = _COLLECTED.search(text)
    if counted is None:
        raise RuntimeError(f"cannot read what valgrind has counted: {text}")
    return int(counted[1])
