"""op-agents: what it prints, and the exit statuses that scripts rely on."""

from __future__ import annotations

import functools
import json
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.cli import DOWN, FINE, NOT_ASKED, REFUSED, USAGE, op_agents
from harness.contracts import agents
from harness.fleet import Fleet, clean_environment
from harness.places import CRATES
from harness.ports import free_ports
from harness.processes import FAMILY

CLI = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def cli(fleet: Fleet) -> CLI:
    """Runs op-agents against the shared fleet."""
    return functools.partial(op_agents, fleet)


def test_status_is_a_table_without_colours_in_a_pipe(cli: CLI, fleet: Fleet) -> None:
    shown = cli("status")
    assert shown.returncode == FINE, shown.stderr
    for name in fleet.ports:
        assert name in shown.stdout
    assert "\x1b" not in shown.stdout


def test_status_json_is_for_programs(cli: CLI, fleet: Fleet) -> None:
    shown = cli("status", "--json")
    assert shown.returncode == FINE
    listed = {agent["id"]: agent for agent in json.loads(shown.stdout)["agents"]}
    assert set(listed) == set(fleet.ports)


def test_a_stopped_agent_makes_status_say_so(cli: CLI) -> None:
    try:
        assert cli("stop", "memory").returncode == FINE
        assert cli("status").returncode == DOWN
    finally:
        assert cli("start", "memory").returncode == FINE
    assert cli("status").returncode == FINE


def test_restart_makes_a_new_process(cli: CLI, fleet: Fleet) -> None:
    before = fleet.process_of("memory").pid
    assert cli("restart", "memory").returncode == FINE
    assert fleet.process_of("memory").pid != before


def test_a_supervisor_that_is_not_there_could_not_be_asked(cli: CLI) -> None:
    address = f"127.0.0.1:{free_ports(1)[0]}"
    shown = cli("status", "--address", address)
    assert shown.returncode == NOT_ASKED
    assert shown.stdout == ""
    assert address in shown.stderr
    assert "cannot reach" in shown.stderr


def test_call_prints_the_result(cli: CLI) -> None:
    stored = cli("call", "memory", "remember", '{"key": "cli", "value": "shell"}')
    assert stored.returncode == FINE, stored.stderr
    recalled = cli("call", "memory", "recall", "-", stdin='{"key": "cli"}')
    assert recalled.returncode == FINE
    assert "shell" in recalled.stdout


def test_call_stream_keeps_standard_output_and_error_apart(cli: CLI, fleet: Fleet) -> None:
    crate = fleet.copy_crate(CRATES / "greeter")
    shown = cli("call", "rust_pro", "test", json.dumps({"path": str(crate)}), "--stream")
    assert shown.returncode == FINE, shown.stderr
    assert "test result: ok" in shown.stdout
    assert "Compiling" in shown.stderr
    assert "Compiling" not in shown.stdout


def test_an_answer_that_is_a_failure_has_its_own_status(cli: CLI, fleet: Fleet) -> None:
    crate = fleet.copy_crate(CRATES / "broken")
    shown = cli("call", "rust_pro", "build", json.dumps({"path": str(crate)}))
    assert shown.returncode == DOWN


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("call", "nobody", "x"), "nobody"),
        (("call", "memory", "x"), "remember"),
        (("call", "memory", "recall", "{"), "JSON"),
        (("logs", "nobody"), "nobody"),
        (("start", "nobody"), "nobody"),
    ],
)
def test_a_refused_call_says_why(cli: CLI, arguments: tuple[str, ...], named: str) -> None:
    shown = cli(*arguments)
    assert shown.returncode == REFUSED
    assert named in shown.stderr


def test_a_wrong_command_line_is_a_usage_error(cli: CLI) -> None:
    shown = cli("status", "--no-such-flag")
    assert shown.returncode == USAGE
    assert "--no-such-flag" in shown.stderr


def test_sessions_are_listed(cli: CLI, fleet: Fleet) -> None:
    with fleet.client() as client:
        start = agents.StartSessionRequest(session_id="shown", client_name="a-test")
        client.agents.StartSession(start, timeout=30)
        shown = cli("sessions")
        client.agents.EndSession(agents.EndSessionRequest(session_id="shown"), timeout=30)
    assert shown.returncode == FINE
    assert "shown" in shown.stdout and "a-test" in shown.stdout


def test_logs_show_what_an_agent_wrote(cli: CLI) -> None:
    cli("call", "memory", "list")
    shown = cli("logs", "memory")
    assert shown.returncode == FINE
    assert shown.stdout.strip()


def test_followed_logs_go_on_until_interrupted(programs: Path, fleet: Fleet, cli: CLI) -> None:
    following = subprocess.Popen(
        [programs / "op-agents", "logs", "memory", "-f", "-n", "1"],
        stdout=subprocess.PIPE,
        text=True,
        env=clean_environment(OP_AGENTS_ADDRESS=fleet.address),
    )
    FAMILY.expect(following.pid)
    try:
        assert following.stdout.readline()
        # A restart makes it write again.
        assert cli("restart", "memory").returncode == FINE
        assert following.stdout.readline()
    finally:
        following.terminate()
        following.communicate(timeout=30)
        FAMILY.forget(following.pid)


def test_reload_says_what_changed(make_fleet: Callable[..., Fleet]) -> None:
    with make_fleet(installed=("memory",)).start() as fleet:
        unchanged = op_agents(fleet, "reload")
        assert (unchanged.returncode, unchanged.stdout) == (FINE, "nothing changed\n")
        fleet.write_configuration({"agents": {"memory": {"env": {"NEW": "1"}}}})
        changed = op_agents(fleet, "reload")
        assert (changed.returncode, changed.stdout) == (FINE, "changed: memory\n")


def test_a_bad_reload_says_where_and_what_to_do(make_fleet: Callable[..., Fleet]) -> None:
    with make_fleet(installed=("memory",)).start() as fleet:
        before = fleet.process_of("memory").pid
        good = fleet.configuration.read_text()
        line = good.count("\n") + 2
        fleet.configuration.write_text(good + "[sessions]\nleese = 15\n")
        refused = op_agents(fleet, "reload")
        assert refused.returncode == REFUSED
        assert f"{fleet.configuration}:{line}" in refused.stderr
        assert "sessions.leese" in refused.stderr and "sessions.lease" in refused.stderr
        assert fleet.process_of("memory").pid == before


def test_the_statuses_are_in_its_help(cli: CLI) -> None:
    shown = cli("--help")
    assert shown.returncode == FINE
    assert "exit" in shown.stdout.lower()


def test_the_test_configuration_is_valid_toml(fleet: Fleet) -> None:
    """What the tests write themselves must not be what a test fails of."""
    assert tomllib.loads(fleet.configuration.read_text())["supervisor"]
