"""What a service manager sees (sd_notify(3)), and how a fleet stops."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable

import grpc
import pytest

from conftest import MISBEHAVING
from harness.client import request
from harness.fleet import Fleet
from harness.load import WriteLoad
from harness.ports import listens
from harness.processes import still_alive

MakeFleet = Callable[..., Fleet]


def test_ready_is_said_when_the_always_on_agents_serve(make_fleet: MakeFleet) -> None:
    fleet = make_fleet().start()
    for agent in fleet.ports:
        with fleet.client(agent) as client:
            assert client.serving(timeout=1), "READY=1 came before it served"
    assert any("STATUS" in said.fields for said in fleet.notify.received)


def test_ready_does_not_wait_for_agents_that_start_with_the_first_session(
    make_fleet: MakeFleet,
) -> None:
    fleet = make_fleet(installed=("memory",), settings={"agents": {"start": "connection"}}).start()
    assert fleet.status()["memory"].pid == 0
    with fleet.client() as client:
        assert client.execute("memory", "list")["total"] == 0


def test_the_watchdog_is_fed(make_fleet: MakeFleet) -> None:
    fleet = make_fleet(installed=("memory",), environment={"WATCHDOG_USEC": "400000"}).start()
    fed = []
    while len(fed) < 3:
        said = fleet.notify.wait(
            lambda said: "WATCHDOG" in said.fields and said.at > (fed[-1].at if fed else 0), within=5
        )
        assert said is not None, f"fed only {len(fed)} times"
        fed.append(said)
    gaps = [later.at - earlier.at for earlier, later in zip(fed, fed[1:])]
    assert max(gaps) < 0.4, "an interval longer than this would have it killed"


def test_a_stop_is_announced_and_succeeds(make_fleet: MakeFleet) -> None:
    fleet = make_fleet().start()
    members = fleet.processes()
    assert fleet.stop() == 0
    assert still_alive(members, within=0) == []
    assert any("STOPPING" in said.fields for said in fleet.notify.received)
    assert not listens(fleet.port)


def test_interrupt_stops_it_too(make_fleet: MakeFleet) -> None:
    fleet = make_fleet(installed=("memory",)).start()
    fleet.signal(signal.SIGINT)
    assert fleet.wait() == 0


@pytest.mark.parametrize("via", [None, "misbehaving"])
def test_calls_in_flight_are_finished_before_a_stop(make_fleet: MakeFleet, via: str | None) -> None:
    patient = MISBEHAVING | {"grace": "20s"}
    fleet = make_fleet(installed=("memory",), manifests={"misbehaving": patient}).start()
    with fleet.client(via) as client:
        call = client.agents.Execute.future(
            request("misbehaving", "sleep", {"ms": 700}), timeout=60
        )
        # Answered after the call before it on the same connection was begun.
        client.execute("misbehaving", "echo", {"text": "warm"})
        began = time.monotonic()
        status = fleet.stop()
        took = time.monotonic() - began
    assert call.result().success
    assert status == 0
    assert took < 15, "it waited for longer than the call took"


def test_a_stop_under_load_loses_no_acknowledged_write(make_fleet: MakeFleet) -> None:
    fleet = make_fleet(installed=("memory",)).start()
    with WriteLoad(fleet.ports["memory"], writers=4, namespace="stop") as load:
        load.wait_for_writes(500, within=60)
        assert fleet.stop() == 0
        # Nobody serves any longer: whoever still tries gives up with the load.
        fleet.start()
        load.wait_for_writes(500, within=60, begun_after=time.monotonic())
        load.stop()
    assert load.lost() == []


def test_a_second_supervisor_on_the_same_state_is_refused(make_fleet: MakeFleet) -> None:
    first = make_fleet(installed=("memory",)).start()
    second = make_fleet(installed=("memory",))
    second.state = first.state
    second.runtime = first.runtime
    second.start(ready=False)
    assert second.wait(within=60) != 0
    assert f"pid {first.pid}" in second.tail() or f"pid {first.process_of('memory').pid}" in second.tail()


def test_a_new_call_while_stopping_is_answered_unavailable_not_hung(make_fleet: MakeFleet) -> None:
    deaf = MISBEHAVING | {"environment": {"MISBEHAVE": "ignore-sigterm"}, "grace": "1s"}
    fleet = make_fleet(installed=("memory",), manifests={"misbehaving": deaf}).start()
    with fleet.client() as client:
        client.execute("misbehaving", "echo", {"text": "warm"})
        fleet.signal(signal.SIGTERM)
        assert fleet.notify.wait(lambda said: "STOPPING" in said.fields, within=30)
        with pytest.raises(grpc.RpcError) as raised:
            client.agents.Execute(request("misbehaving", "echo", {"text": "late"}), timeout=10)
    assert raised.value.code() == grpc.StatusCode.UNAVAILABLE
    assert fleet.wait() == 0
