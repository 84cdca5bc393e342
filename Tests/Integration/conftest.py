"""Fixtures: fleets of real programs, and the rule that no test leaves a process behind."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from harness.client import Client
from harness.faulty import AGENT, Faulty
from harness.fleet import Fleet
from harness.places import DEBUG_PROGRAMS
from harness.processes import FAMILY

# How the agent that misbehaves is described; its environment says how it does.
MISBEHAVING = {
    "description": "Does what agents should not do, when asked",
    "exec": "op-agent-misbehaving",
    "grace": "2s",
    "start_timeout": "5s",
}

_open_fleets: list[Fleet] = []


@pytest.fixture(scope="session")
def programs() -> Path:
    """Where op-supervisor and the others are: OP_AGENTS_PROGRAMS, else the debug build."""
    directory = Path(os.environ.get("OP_AGENTS_PROGRAMS", DEBUG_PROGRAMS)).resolve()
    if not (directory / "op-supervisor").exists():
        pytest.exit(f"no op-supervisor in {directory}: run `swift build` first", returncode=1)
    return directory


@pytest.fixture(scope="session")
def scratch_root() -> Iterator[Path]:
    """A short path: a unix socket's has at most 107 bytes."""
    directory = Path(tempfile.mkdtemp(prefix="op-agents-test-"))
    yield directory
    shutil.rmtree(directory)


@pytest.fixture
def scratch(scratch_root: Path) -> Path:
    return Path(tempfile.mkdtemp(dir=scratch_root))


@pytest.fixture(scope="module")
def fleet(programs: Path, scratch_root: Path) -> Iterator[Fleet]:
    """A running fleet that the tests of a module share: memory and rust_pro, and one on demand."""
    directory = Path(tempfile.mkdtemp(dir=scratch_root))
    shared = Fleet(directory, programs, manifests={"misbehaving": MISBEHAVING})
    _open_fleets.append(shared)
    try:
        yield shared.start()
    finally:
        _open_fleets.remove(shared)
        shared.close()


@pytest.fixture
def client(fleet: Fleet) -> Iterator[Client]:
    """A client of the shared fleet's supervisor."""
    with fleet.client() as connected:
        yield connected


@pytest.fixture
def make_fleet(programs: Path, scratch_root: Path) -> Iterator[Callable[..., Fleet]]:
    """Makes fleets that are not started yet, and closes them after the test."""
    with ExitStack() as closing:

        def make(**settings: object) -> Fleet:
            made = Fleet(Path(tempfile.mkdtemp(dir=scratch_root)), programs, **settings)
            _open_fleets.append(made)
            closing.callback(_open_fleets.remove, made)
            closing.callback(made.close)
            return made

        yield make


@pytest.fixture
def faulty(make_fleet: Callable[..., Fleet]) -> Iterator[Callable[..., Faulty]]:
    """Makes running fleets of memory and the agent that misbehaves; after the test the rest of the fleet is as before."""
    made: list[Faulty] = []

    def make(misbehave: str = "none", **manifest: object) -> Faulty:
        environment = {"MISBEHAVE": misbehave} | manifest.pop("environment", {})
        described = MISBEHAVING | {"environment": environment} | manifest
        fleet = make_fleet(installed=("memory",), manifests={AGENT: described}).start()
        made.append(Faulty(fleet))
        return made[-1]

    yield make
    try:
        for each in made:
            each.check_the_others()
    finally:
        for each in made:
            each.close()


@pytest.fixture(autouse=True)
def nothing_is_left_behind() -> Iterator[None]:
    """After each test, and after the fleets it made were closed, no orphan of theirs runs."""
    yield
    left = FAMILY.leftovers()
    assert not left, f"left behind: {', '.join(map(str, left))}"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo) -> Iterator[None]:
    """Shows what the supervisors wrote beside a failure."""
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        for open_fleet in _open_fleets:
            report.sections.append((f"op-supervisor in {open_fleet.scratch}", open_fleet.tail()))
