"""The alarm: a call that takes more instructions than were recorded."""

from __future__ import annotations

import pytest

import baseline
from instructions import Instructions


@pytest.fixture(scope="session", autouse=True)
def recording(request: pytest.FixtureRequest, counted: dict[str, Instructions]) -> None:
    if request.config.getoption("--record"):
        baseline.record(counted)


@pytest.mark.parametrize("side", ["client", "server"])
@pytest.mark.parametrize("way", baseline.WAYS)
def test_a_call_takes_no_more_instructions_than_recorded(
    way: str, side: str, counted: dict[str, Instructions]
) -> None:
    recorded_on, machine = baseline.recorded_on(), baseline.machine()
    if recorded_on["architecture"] != machine["architecture"]:
        pytest.skip(f"recorded on {recorded_on['architecture']}, not {machine['architecture']}")
    now = getattr(counted[way], side)
    recorded = getattr(baseline.recorded(way), side)
    change = now / recorded - 1
    print(f"{way}, {side}: {now:,} instructions, {recorded:,} recorded, {change:+.1%}")
    assert change <= baseline.TOLERANCE, (
        f"{way}: a call takes {now:,} instructions of the {side}, {change:+.1%} of the {recorded:,} "
        f"recorded with Swift {recorded_on['swift']} (this is {machine['swift']}); make it cheaper, or, "
        "where it has to cost that, run `make performance RECORD=1` and commit the new figures"
    )
