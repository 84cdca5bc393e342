"""A pytest plug-in: figures that tests note, in one table at the end of the run."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Note = Callable[..., None]

_noted: list[tuple[str, dict[str, object]]] = []


@pytest.fixture
def note(request: pytest.FixtureRequest) -> Note:
    """Notes figures of the test by their names; they are not asserted, only shown."""

    def add(**figures: object) -> None:
        _noted.append((request.node.name, figures))

    return add


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not _noted:
        return
    terminalreporter.section("figures")
    width = max(len(name) for name, _ in _noted)
    for name, figures in _noted:
        shown = "  ".join(f"{key.replace('_', ' ')} {value}" for key, value in figures.items())
        terminalreporter.line(f"{name:<{width}}  {shown}")
