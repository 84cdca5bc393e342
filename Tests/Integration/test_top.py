"""op-agents top: on a terminal of some size, and where there is none."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.client import request
from harness.fleet import Fleet, clean_environment
from harness.terminal import Terminal

MakeFleet = Callable[..., Fleet]
OpenTop = Callable[..., Terminal]

HEADINGS = ["AGENT", "STATE", "PID", "CPU%", "MEMORY", "CALLS/S", "P50", "P99", "RESTARTS"]


@pytest.fixture
def top(programs: Path, fleet: Fleet) -> OpenTop:
    """Opens op-agents top on a terminal."""

    def run(*arguments: str, of: Fleet = fleet, **terminal: int) -> Terminal:
        return Terminal(
            [programs / "op-agents", "top", "--interval", "0.2", *arguments],
            clean_environment(OP_AGENTS_ADDRESS=of.address, TERM="xterm", NO_COLOR=""),
            **terminal,
        )

    return run


@pytest.fixture
def printed(programs: Path, fleet: Fleet) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs op-agents top without a terminal."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [programs / "op-agents", "top", "--interval", "0.5", *arguments],
            capture_output=True,
            text=True,
            timeout=120,
            env=clean_environment(OP_AGENTS_ADDRESS=fleet.address),
        )

    return run


@contextmanager
def calls(fleet: Fleet) -> Iterator[None]:
    """Calls memory without a pause meanwhile."""
    is_over = threading.Event()

    def call() -> None:
        with fleet.client("memory") as client:
            while not is_over.is_set():
                client.agents.Execute(request("memory", "recall", {"key": "a"}), timeout=30)

    caller = threading.Thread(target=call)
    caller.start()
    try:
        yield
    finally:
        is_over.set()
        caller.join()


def agents_shown(picture: str) -> list[str]:
    """The first word of each row."""
    rows = picture.splitlines()
    start = next(number for number, row in enumerate(rows) if row.startswith("AGENT"))
    return [row.split()[0] for row in rows[start + 1 :] if row and not row.startswith(("sort:", "and"))]


def headings(picture: str) -> list[str]:
    return next((row.split() for row in picture.splitlines() if row.startswith("AGENT")), [])


def test_it_shows_every_agent_with_what_it_does(top: OpenTop, fleet: Fleet) -> None:
    with calls(fleet), top(columns=120) as terminal:
        picture = terminal.wait_for(
            lambda shown: any(
                row.startswith("memory") and "us" in row for row in shown.splitlines()
            )
        )
    assert headings(picture) == HEADINGS
    assert set(agents_shown(picture)) == set(fleet.ports)
    assert "2 serving, 0 down, 0 sessions" in picture
    assert str(fleet.status()["memory"].pid) in picture


@pytest.mark.parametrize("key", ["q", "\x03"])
def test_a_key_ends_it_and_the_terminal_is_as_it_was(top: OpenTop, key: str) -> None:
    with top() as terminal:
        terminal.wait_for(lambda shown: "AGENT" in shown)
        assert terminal.is_on_alternate_screen
        assert terminal.modes_now() != terminal.modes
        terminal.press(key)
        assert terminal.wait_for_end() == 0
        assert not terminal.is_on_alternate_screen
        assert b"\x1b[?25h" in terminal.written
        assert terminal.modes_now() == terminal.modes


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_it_and_the_terminal_is_as_it_was(
    top: OpenTop, number: signal.Signals
) -> None:
    with top() as terminal:
        terminal.wait_for(lambda shown: "AGENT" in shown)
        terminal.process.send_signal(number)
        assert terminal.wait_for_end() == -number
        assert not terminal.is_on_alternate_screen
        assert terminal.modes_now() == terminal.modes


def test_it_follows_the_size_of_the_window(top: OpenTop) -> None:
    with top(lines=24, columns=120) as terminal:
        terminal.wait_for(lambda shown: headings(shown) == HEADINGS)
        terminal.resize(24, 40)
        narrow = terminal.wait_for(lambda shown: headings(shown) != HEADINGS)
        assert {"AGENT", "CALLS/S"} <= set(headings(narrow)) < set(HEADINGS)
        terminal.resize(24, 10)
        terminal.wait_for(lambda shown: headings(shown) == ["AGENT", "CALLS/S"])
        terminal.resize(6, 120)
        low = terminal.wait_for(lambda shown: "more" in shown)
        assert len(low.splitlines()) <= 6
        terminal.resize(50, 200)
        terminal.wait_for(lambda shown: headings(shown) == HEADINGS and "more" not in shown)


def test_keys_sort_it(top: OpenTop) -> None:
    with top("--sort", "memory", columns=120) as terminal:
        terminal.wait_for(lambda shown: "[m memory]" in shown)
        terminal.press("n")
        picture = terminal.wait_for(lambda shown: "[n name]" in shown)
        assert agents_shown(picture) == sorted(agents_shown(picture))
        # A key that means nothing changes nothing.
        terminal.press("z")
        terminal.press("r")
        terminal.wait_for(lambda shown: "[r calls]" in shown)


def test_a_fleet_may_go_away_and_come_back(make_fleet: MakeFleet, top: OpenTop) -> None:
    fleet = make_fleet(installed=("memory",)).start()
    with top(of=fleet, columns=120) as terminal:
        first = terminal.wait_for(lambda shown: "1 serving" in shown and "sort:" in shown)
        fleet.stop()
        gone = terminal.wait_for(lambda shown: "cannot" in shown)
        # What was last known stays.
        assert agents_shown(gone)[:1] == agents_shown(first)[:1] == ["memory"]
        fleet.start()
        pid = str(fleet.status()["memory"].pid)
        terminal.wait_for(lambda shown: pid in shown and "cannot" not in shown)
        terminal.press("q")
        assert terminal.wait_for_end() == 0


def test_without_a_terminal_it_prints_tables(printed: Callable) -> None:
    shown = printed("--count", "2")
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.count("AGENT") == 2
    assert "\x1b" not in shown.stdout


def test_one_table_has_the_figures_of_an_interval(printed: Callable, fleet: Fleet) -> None:
    with calls(fleet):
        shown = printed("--once", "--json")
    assert shown.returncode == 0, shown.stderr
    report = json.loads(shown.stdout)
    found = {agent["id"]: agent for agent in report["agents"]}
    assert set(found) == set(fleet.ports)
    busy, idle = found["memory"], found["rust_pro"]
    assert busy["calls_per_second"] > 1
    assert busy["cpu_percent"] > 0
    assert 0 < busy["p50_us"] <= busy["p99_us"]
    assert idle["calls_per_second"] == 0
    assert "p50_us" not in idle
    assert "pid" not in found["misbehaving"]


def test_a_fleet_that_is_not_there_is_said_at_once(programs: Path, fleet: Fleet) -> None:
    shown = subprocess.run(
        [programs / "op-agents", "top", "--address", f"unix:{fleet.runtime}/nobody.sock"],
        capture_output=True,
        text=True,
        timeout=60,
        env=clean_environment(),
    )
    assert shown.returncode == 2
    assert "cannot" in shown.stderr


@pytest.mark.parametrize("wrong", [["--count", "0"], ["--interval", "0"], ["--sort", "luck"]])
def test_wrong_arguments_are_refused(printed: Callable, wrong: list[str]) -> None:
    assert printed(*wrong).returncode == 64
