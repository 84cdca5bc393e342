"""Configurations that cannot be used: nothing is started, and one look at the message is enough."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import grpc
import pytest

from conftest import MISBEHAVING
from harness.contracts import supervisor
from harness.fleet import Fleet, clean_environment
from harness.ports import free_ports, listens
from harness.processes import FAMILY

MakeFleet = Callable[..., Fleet]

# What is wrong, where the key is, and a word of the remedy.
MISTAKES = [
    pytest.param("[agents\n", 1, "", "", id="no TOML"),
    pytest.param("[supervisor]\nadresses = []\n", 2, "adresses", "addresses", id="unknown key"),
    pytest.param(
        "[sessions]\nlease = 15\n", 2, "sessions.lease", "15s", id="a number without its unit"
    ),
    pytest.param(
        '\n\n[agents.memory]\nport = "many"\n', 4, "agents.memory.port", "", id="a wrong type"
    ),
    pytest.param("[agents.memory]\nport = 0\n", 2, "agents.memory.port", "", id="out of range"),
    pytest.param(
        "[agents.memory]\nport = 61234\n[agents.rust_pro]\nport = 61234\n",
        4,
        "port",
        "agents.rust_pro.port",
        id="one port twice",
    ),
    pytest.param(
        '[agents]\nrun_on_connection = ["memmory"]\n', 2, "run_on_connection", "memory", id="nobody"
    ),
    pytest.param(
        '[agents.memory]\nexec = "/no/such/program"\n',
        2,
        "agents.memory.exec",
        "install the program",
        id="a missing program",
    ),
]


def run(*command: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(each) for each in command],
        capture_output=True,
        text=True,
        timeout=30,
        env=clean_environment(**environment),
    )


@pytest.fixture
def configuration(scratch: Path) -> Path:
    return scratch / "grpc.toml"


def write(configuration: Path, text: str, manifests: Path) -> int:
    """Adds a mistake to the manifests that it is about; returns how many lines come before it."""
    if not text.startswith("[supervisor]") and text != "[agents\n":
        head = f'[supervisor]\nmanifest_dirs = ["{manifests}"]\n'
    else:
        head = ""
    configuration.write_text(head + text)
    return head.count("\n")


@pytest.fixture(params=["op-supervisor", "op-agents config check"])
def check(
    request: pytest.FixtureRequest, programs: Path, scratch: Path
) -> Callable[[Path], subprocess.CompletedProcess[str]]:
    """Both programs that read a configuration."""
    program, *verbs = request.param.split()
    directories = {
        "STATE_DIRECTORY": str(scratch / "state"),
        "RUNTIME_DIRECTORY": str(scratch / "run"),
    }
    return lambda file: run(programs / program, *verbs, "--config", file, **directories)


@pytest.mark.parametrize(("text", "line", "key", "remedy"), MISTAKES)
def test_a_mistake_is_named_with_file_line_key_and_remedy(
    check: Callable[[Path], subprocess.CompletedProcess[str]],
    configuration: Path,
    make_fleet: MakeFleet,
    text: str,
    line: int,
    key: str,
    remedy: str,
) -> None:
    # The manifests of a fleet that is never started.
    before = write(configuration, text, make_fleet().scratch / "agents")
    checked = check(configuration)
    assert checked.returncode not in (0, -6, -11), checked.stderr
    said = checked.stdout + checked.stderr
    assert f"{configuration}:{before + line}:" in said
    assert "cannot" in said
    assert key in said
    assert remedy in said


def test_all_mistakes_are_said_at_once(
    check: Callable[[Path], subprocess.CompletedProcess[str]], configuration: Path
) -> None:
    configuration.write_text("[sessions]\nlease = 15\ngrace = true\n[client]\ncolour = 1\n")
    said = check(configuration).stderr
    for line in (2, 3, 5):
        assert f"{configuration}:{line}:" in said


def test_a_good_configuration_is_checked_without_starting_anything(
    programs: Path, make_fleet: MakeFleet
) -> None:
    fleet = make_fleet()
    checked = run(programs / "op-agents", "config", "check", "--config", fleet.configuration)
    assert checked.returncode == 0, checked.stderr
    assert FAMILY.leftovers() == []


def test_a_file_that_does_not_exist_is_named(
    check: Callable[[Path], subprocess.CompletedProcess[str]], configuration: Path
) -> None:
    checked = check(configuration)
    assert checked.returncode != 0
    assert str(configuration) in checked.stderr


@pytest.mark.parametrize("who", ["supervisor", "memory"])
def test_a_port_in_use_is_named_with_the_process_that_holds_it(
    make_fleet: MakeFleet, who: str
) -> None:
    fleet = make_fleet()
    port = fleet.port if who == "supervisor" else fleet.ports[who]
    holder = subprocess.Popen(
        ["python3", "-c", HOLD_A_PORT, str(port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    FAMILY.expect(holder.pid)
    try:
        assert holder.stdout.readline() == b"listening\n"
        fleet.start(ready=False)
        assert fleet.wait(within=30) != 0
        said = fleet.tail()
        assert f"127.0.0.1:{port}" in said
        assert f"pid {holder.pid}" in said
        assert "python3" in said
    finally:
        holder.communicate()
        FAMILY.forget(holder.pid)


HOLD_A_PORT = """
import socket, sys
with socket.create_server(("127.0.0.1", int(sys.argv[1]))):
    print("listening", flush=True)
    sys.stdin.read()
"""


class TestReload:
    """A configuration that is read again while the fleet runs."""

    def test_only_the_agent_whose_settings_changed_restarts(self, make_fleet: MakeFleet) -> None:
        fleet = make_fleet().start()
        before = {name: fleet.process_of(name).pid for name in fleet.ports}
        fleet.write_configuration({"agents": {"memory": {"env": {"COLOUR": "blue"}}}})
        with fleet.client() as client:
            changed = client.supervisor.Reload(supervisor.ReloadRequest(), timeout=60)
            assert list(changed.changed_agents) == ["memory"]
            assert client.execute("memory", "list")["total"] == 0
        after = {name: fleet.process_of(name).pid for name in fleet.ports}
        assert after["rust_pro"] == before["rust_pro"]
        assert after["memory"] != before["memory"]

    def test_a_bad_file_changes_nothing(self, make_fleet: MakeFleet) -> None:
        fleet = make_fleet().start()
        before = {name: fleet.process_of(name).pid for name in fleet.ports}
        fleet.write_configuration({"agents": {"memory": {"port": "many"}}})
        with fleet.client() as client, pytest.raises(grpc.RpcError) as raised:
            client.supervisor.Reload(supervisor.ReloadRequest(), timeout=60)
        assert raised.value.code() == grpc.StatusCode.INVALID_ARGUMENT
        assert "agents.memory.port" in raised.value.details()
        assert {name: fleet.process_of(name).pid for name in fleet.ports} == before

    def test_a_file_that_cannot_be_read_to_its_end_keeps_nobody_from_stopping(
        self, make_fleet: MakeFleet
    ) -> None:
        fleet = make_fleet(installed=("memory",)).start()
        fleet.configuration.unlink()
        os.mkfifo(fleet.configuration)
        fleet.signal(signal.SIGHUP)
        with fleet.configuration.open("wb"):  # It opens when the supervisor reads.
            assert fleet.stop() == 0

    def test_a_renamed_agent_gets_its_port_when_the_old_process_is_gone(
        self, make_fleet: MakeFleet
    ) -> None:
        fleet = make_fleet(installed=("memory",), manifests={"first": MISBEHAVING}).start()
        with fleet.client() as client:
            client.supervisor.Start(supervisor.StartRequest(agent_id="first"), timeout=60)
            old = fleet.process_of("first")
            fleet.rename("first", "second")
            changed = client.supervisor.Reload(supervisor.ReloadRequest(), timeout=60)
            assert sorted(changed.changed_agents) == ["first", "second"]
            started = client.supervisor.Start(
                supervisor.StartRequest(agent_id="second"), timeout=60
            )
        assert started.agent.restarts == 0
        assert started.agent.pid != old.pid
        assert not old.is_alive()
        assert "cannot bind" not in fleet.tail(1000)

    def test_a_moved_port_is_served_and_the_old_one_refused(self, make_fleet: MakeFleet) -> None:
        fleet = make_fleet(installed=("memory",)).start()
        old = fleet.ports["memory"]
        fleet.ports["memory"] = free_ports(1)[0]
        fleet.write_configuration({})
        with fleet.client() as client:
            client.supervisor.Reload(supervisor.ReloadRequest(), timeout=60)
        with fleet.client("memory") as moved:
            moved.wait_until_serving()
            assert moved.execute("", "list")["total"] == 0
        assert not listens(old)
