"""An agent in another language, whose gRPC library listens on addresses only: nothing is missing."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from harness.caller import call_as
from harness.client import Client, request
from harness.contracts import agents, supervisor
from harness.fleet import Fleet, clean_environment
from harness.metrics import scrape
from harness.places import EXAMPLE_AGENTS, GENERATED_CLIENT, MANIFESTS
from harness.processes import FAMILY

SERVING, STOPPED = agents.AGENT_STATE_SERVING, agents.AGENT_STATE_STOPPED
NAME = "word_count"
FOLDER = EXAMPLE_AGENTS / NAME
# By the supervisor, and at the agent's own port.
DOORS = [None, NAME]


def manifest(**changes: Any) -> dict[str, Any]:
    """Its agent.toml, where it is installed for a test: with the packages of this interpreter."""
    table = tomllib.loads((FOLDER / "agent.toml").read_text())
    del table["id"], table["port"]
    table["exec"] = str(FOLDER / "word_count.py")
    table["environment"] = {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "PYTHONPATH": str(GENERATED_CLIENT),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return table | changes


ALWAYS_ON = {"agents": {"run_on_connection": ["memory", NAME], "on_demand": []}}


@pytest.fixture(scope="module")
def fleet(programs: Path, scratch_root: Path) -> Iterator[Fleet]:
    """A fleet of memory and the agent in Python, both always on."""
    directory = scratch_root / "foreign"
    directory.mkdir()
    with Fleet(
        directory,
        programs,
        installed=("memory",),
        manifests={NAME: manifest()},
        settings=ALWAYS_ON,
    ) as started:
        yield started.start()


def await_line(fleet: Fleet, text: str) -> None:
    """Waits until the agent has written a line; the paths of scratch files tell lines apart."""
    with fleet.client() as client:
        wanted = supervisor.LogsRequest(agent_id=NAME, follow=True)
        lines = client.supervisor.Logs(wanted, timeout=60)
        assert any(text in line.line for line in lines), f"{NAME} never wrote {text!r}"


def code_of(call: Callable[[], object]) -> grpc.StatusCode:
    with pytest.raises(grpc.RpcError) as raised:
        call()
    return raised.value.code()


def test_it_is_listed_beside_the_others(fleet: Fleet, programs: Path) -> None:
    environment = clean_environment(OP_AGENTS_ADDRESS=fleet.address)

    def cli(*arguments: str) -> str:
        return subprocess.run(
            [programs / "op-agents", *arguments],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout

    status = {agent["id"]: agent for agent in json.loads(cli("status", "--json"))["agents"]}
    assert status[NAME]["state"] == status["memory"]["state"] == "serving"
    operations = cli("operations", NAME)
    assert "count" in operations and "follow" in operations
    called = cli("call", NAME, "count", '{"text": "one two three"}')
    assert "3 words in 1 lines" in called


@pytest.mark.parametrize("door", DOORS)
def test_one_call_one_answer(fleet: Fleet, door: str | None) -> None:
    with fleet.client(door) as client:
        assert client.execute(NAME, "count", {"text": "to be or not"})["words"] == 4
        # As large as arguments may be: more than the sockets between client and agent hold.
        large = "word " * 800_000
        assert client.execute(NAME, "count", {"text": large})["words"] == 800_000
        assert code_of(lambda: client.execute(NAME, "divide")) == grpc.StatusCode.UNIMPLEMENTED
        assert code_of(lambda: client.execute(NAME, "count")) == grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.parametrize("door", DOORS)
def test_a_stream_arrives_as_it_is_made(fleet: Fleet, scratch: Path, door: str | None) -> None:
    grows = scratch / "grows"
    with grows.open("w", buffering=1) as file, fleet.client(door) as client:
        chunks = client.stream(NAME, "follow", {"path": str(grows), "lines": 2})
        # The second line is not written before the first has come back.
        file.write("one two\n")
        assert next(chunks).content == "2 words in 1 lines\n"
        file.write("three\n")
        assert next(chunks).content == "3 words in 2 lines\n"
        last = next(chunks)
        assert last.is_final and json.loads(last.result_json)["words"] == 3


@pytest.mark.parametrize("door", DOORS)
def test_a_batch_is_answered_one_by_one(fleet: Fleet, door: str | None) -> None:
    batch = agents.BatchExecuteRequest(
        requests=[
            request(NAME, "count", {"text": "a b"}),
            request(NAME, "divide"),
            request(NAME, "count", {"text": "a b c"}),
        ]
    )
    with fleet.client(door) as client:
        answers = {answer.index: answer for answer in client.agents.BatchExecute(batch, timeout=30)}
    assert json.loads(answers[0].result.result_json)["words"] == 2
    assert answers[1].error.code == agents.STATUS_CODE_UNIMPLEMENTED
    assert json.loads(answers[2].result.result_json)["words"] == 3


@pytest.mark.parametrize("door", DOORS)
def test_a_cancelled_call_ends_in_the_agent(
    fleet: Fleet, scratch: Path, door: str | None
) -> None:
    grows = scratch / "grows"
    grows.write_text("one\n")
    with fleet.client(door) as client:
        chunks = client.stream(NAME, "follow", {"path": str(grows)})
        next(chunks)
        chunks.cancel()
        await_line(fleet, f"no longer follows {grows}")


@pytest.mark.parametrize("door", DOORS)
def test_time_limits_hold(fleet: Fleet, scratch: Path, door: str | None) -> None:
    grows = scratch / "grows"
    grows.write_text("one\n")
    with fleet.client(door) as client:
        endless = request(NAME, "follow", {"path": str(grows)}, timeout_ms=300)
        limited = code_of(lambda: client.agents.Execute(endless, timeout=30))
        assert limited == grpc.StatusCode.DEADLINE_EXCEEDED
        late = code_of(lambda: client.execute(NAME, "follow", {"path": str(grows)}, timeout=0.3))
        assert late == grpc.StatusCode.DEADLINE_EXCEEDED
        await_line(fleet, f"no longer follows {grows}")


def test_it_finishes_its_calls_when_it_is_asked_to_stop(fleet: Fleet, scratch: Path) -> None:
    grows = scratch / "grows"
    with grows.open("w", buffering=1) as file, fleet.client(NAME) as client:
        chunks = client.stream(NAME, "follow", {"path": str(grows), "lines": 2})
        file.write("one\n")
        next(chunks)
        stopping = threading.Thread(target=_stop, args=(fleet,))
        stopping.start()
        fleet.wait_for_state(NAME, agents.AGENT_STATE_DRAINING)
        file.write("two\n")
        assert [chunk.is_final for chunk in chunks] == [False, True]
        stopping.join(30)
    try:
        assert fleet.status()[NAME].state == STOPPED
        assert code_of(lambda: _connect(fleet)) == grpc.StatusCode.UNAVAILABLE
    finally:
        with fleet.client() as client:
            client.supervisor.Start(supervisor.StartRequest(agent_id=NAME), timeout=30)


def _stop(fleet: Fleet) -> None:
    with fleet.client() as client:
        client.supervisor.Stop(supervisor.StopRequest(agent_id=NAME), timeout=30)


def _connect(fleet: Fleet) -> None:
    with fleet.client(NAME) as client:
        client.execute(NAME, "count", {"text": ""}, timeout=5)


def test_no_connection_is_refused_while_it_starts_again(fleet: Fleet) -> None:
    process = fleet.process_of(NAME)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait(30)
    port = ("127.0.0.1", fleet.ports[NAME])
    waiting = [socket.create_connection(port, timeout=10)]
    while (status := fleet.status()[NAME]).state != SERVING or status.pid == process.pid:
        waiting.append(socket.create_connection(port, timeout=10))
    for connection in waiting:
        # Each one that waited has reached the new process, which begins with its HTTP/2 settings.
        connection.settimeout(30)
        connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(3) + b"\x04" + bytes(5))
        assert connection.recv(9)[3] == 4
        connection.close()
    assert fleet.status()[NAME].restarts >= 1


def test_a_call_that_its_death_broke_says_so(fleet: Fleet, scratch: Path) -> None:
    grows = scratch / "grows"
    grows.write_text("one\n")
    for door in DOORS:
        with fleet.client(door) as client:
            chunks = client.stream(NAME, "follow", {"path": str(grows)})
            next(chunks)
            os.kill(fleet.process_of(NAME).pid, signal.SIGKILL)
            assert code_of(lambda: list(chunks)) == grpc.StatusCode.UNAVAILABLE
            assert client.execute(NAME, "count", {"text": "again"}, timeout=60)["words"] == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can call as another user")
def test_its_port_serves_nobody_who_may_not_call(fleet: Fleet) -> None:
    answers = call_as(4_000_001, fleet.address_of(NAME))
    assert {answer.code for answer in answers.values()} == {"PERMISSION_DENIED"}
    assert "supervisor.allowed_users" in answers["health"].details
    assert call_as(0, fleet.address_of(NAME))["health"].code == "OK"
    assert (fleet.runtime / "agents").stat().st_mode & 0o777 == 0o700


def test_it_starts_on_demand_and_goes_when_nobody_needs_it(
    make_fleet: Callable[..., Fleet],
) -> None:
    fleet = make_fleet(
        installed=("memory",),
        manifests={NAME: manifest()},
        settings={"sessions": {"idle_timeout": "2s"}},
    ).start()
    assert fleet.status()[NAME].state == STOPPED
    with fleet.client(NAME) as client:
        assert client.execute("", "count", {"text": "direct"})["words"] == 1
        process = fleet.process_of(NAME)
        # Bytes through its port are use of it: much longer than it may be idle.
        until = time.monotonic() + 6
        while time.monotonic() < until:
            client.execute("", "count", {"text": "again"})
        assert fleet.process_of(NAME) == process
        fleet.wait_for_state(NAME, STOPPED)
        assert not process.is_alive()
    with fleet.client() as client:
        assert client.execute(NAME, "count", {"text": "by the supervisor"})["words"] == 3
    assert fleet.status()[NAME].restarts == 0


def test_it_ends_with_its_supervisor(make_fleet: Callable[..., Fleet]) -> None:
    fleet = make_fleet(
        installed=("memory",), manifests={NAME: manifest()}, settings=ALWAYS_ON
    ).start()
    process = fleet.process_of(NAME)
    fleet.signal(signal.SIGKILL)
    fleet.wait()
    assert process.wait(30)
    # What it left, its socket, is in nobody's way.
    fleet.start()
    with fleet.client(NAME) as client:
        assert client.execute("", "count", {"text": "back"})["words"] == 1


def test_it_runs_by_hand(scratch: Path) -> None:
    place = f"unix:{scratch}/by-hand.sock"
    environment = clean_environment(**manifest()["environment"], OP_AGENT_LISTEN=place)
    agent = subprocess.Popen([FOLDER / "word_count.py"], env=environment)
    FAMILY.expect(agent.pid)
    try:
        with Client(place) as client:
            assert client.serving(timeout=30)
            assert client.execute("", "count", {"text": "by hand"})["words"] == 2
        agent.terminate()
        assert agent.wait(30) == 0
    finally:
        agent.kill()
        agent.wait()
        FAMILY.forget(agent.pid)


@pytest.mark.parametrize("name", ["agent.toml", "word_count.py"])
def test_the_page_that_says_how_to_write_one_shows_this_one(name: str) -> None:
    page = (MANIFESTS / "WRITING.md").read_text()
    kind = {".toml": "toml", ".py": "python"}[Path(name).suffix]
    assert f"```{kind}\n{(FOLDER / name).read_text()}```" in page


def test_its_calls_are_counted_by_the_supervisor_where_it_counts_none_itself(fleet: Fleet) -> None:
    def counted(operation: str, status: str) -> float:
        return scrape(fleet.metrics_port).total(
            "op_agents_requests_total",
            agent=NAME,
            operation=operation,
            status=status,
            counted_by="supervisor",
        )

    with fleet.client() as client:
        client.execute(NAME, "count", {"text": "so that the name is known"})
        known, unknown = counted("count", "OK"), counted("other", "UNIMPLEMENTED")
        for number in range(3):
            client.execute(NAME, "count", {"text": "one two"})
            assert code_of(
                lambda: client.agents.Execute(request(NAME, f"no-{number}"), timeout=30)
            ) is grpc.StatusCode.UNIMPLEMENTED
    assert counted("count", "OK") == known + 3
    assert counted("other", "UNIMPLEMENTED") == unknown + 3
