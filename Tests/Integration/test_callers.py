"""Who may call: the kernel says who does, and the configuration who may."""

from __future__ import annotations

import os
import pwd
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.caller import Answer, call_as
from harness.direct_agent import DirectAgent
from harness.fleet import Fleet, clean_environment
from harness.network import new_network

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can call as another user")

# Nobody has them, so nothing on this machine gives them a right.
STRANGER, ALLOWED = 4_000_001, 4_000_002
# A user of every Debian system, who is in a group of the same name.
DAEMON = pwd.getpwnam("daemon")
PLACES = ["ipv4", "ipv6", "unix", "memory", "rust_pro"]


class Doors:
    """A fleet with every kind of address, and what they are."""

    def __init__(self, fleet: Fleet, control: Path) -> None:
        self.fleet = fleet
        self._control = control

    def __getitem__(self, place: str) -> str:
        match place:
            case "ipv4":
                return self.fleet.address
            case "ipv6":
                return f"[::1]:{self.fleet.port}"
            case "unix":
                return f"unix:{self._control}"
            case agent:
                return self.fleet.address_of(agent)


@pytest.fixture(scope="module")
def doors(programs: Path, scratch_root: Path) -> Iterator[Doors]:
    """A fleet that allows a user and a group, with a socket where others can reach it."""
    scratch_root.chmod(0o711)
    scratch = scratch_root / "callers"
    scratch.mkdir(mode=0o711)
    fleet = Fleet(scratch, programs)
    doors = Doors(fleet, scratch / "control.sock")
    addresses = [doors["ipv4"], doors["ipv6"], doors["unix"]]
    fleet.write_configuration(
        {
            "supervisor": {
                "addresses": [*addresses, f"unix:{fleet.runtime}/supervisor.sock"],
                "allowed_users": [ALLOWED],
                "allowed_groups": ["daemon"],
            }
        }
    )
    with fleet.start():
        yield doors


def is_refused(answers: dict[str, Answer]) -> bool:
    codes = {answer.code for answer in answers.values()}
    assert codes == {"PERMISSION_DENIED"} or "PERMISSION_DENIED" not in codes, answers
    return codes == {"PERMISSION_DENIED"}


@pytest.mark.parametrize("place", PLACES)
def test_another_user_is_refused_with_the_remedy(doors: Doors, place: str) -> None:
    answers = call_as(STRANGER, doors[place])
    assert is_refused(answers)
    for answer in answers.values():
        assert answer.details.startswith(f"cannot serve user {STRANGER}: ")
        assert "supervisor.allowed_users" in answer.details


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("user", [0, ALLOWED, DAEMON.pw_uid])
def test_root_and_whom_the_configuration_allows_may_call(
    doors: Doors, place: str, user: int
) -> None:
    answers = call_as(user, doors[place])
    assert not is_refused(answers)
    assert answers["health"].code == "OK"


def test_the_group_of_a_process_counts_where_the_kernel_tells_it(doors: Doors) -> None:
    assert not is_refused(call_as(STRANGER, doors["unix"], group=DAEMON.pw_gid))
    # Over TCP the kernel tells the user, and the database that user's groups.
    assert is_refused(call_as(STRANGER, doors["ipv4"], group=DAEMON.pw_gid))


def test_nobody_else_may_call_by_default(
    make_fleet: Callable[..., Fleet], scratch_root: Path
) -> None:
    fleet = make_fleet(installed=("memory",)).start()
    for address in (fleet.address, fleet.address_of("memory")):
        assert is_refused(call_as(DAEMON.pw_uid, address))
        assert not is_refused(call_as(0, address))
    # Not even when the directories let others through.
    for directory in (scratch_root, fleet.scratch, fleet.runtime):
        directory.chmod(0o711)
    control = fleet.runtime / "supervisor.sock"
    assert control.stat().st_mode & 0o777 == 0o600


def test_the_command_line_shows_the_refusal(doors: Doors, programs: Path) -> None:
    shown = subprocess.run(
        [programs / "op-agents", "status", "--address", doors["ipv4"]],
        capture_output=True,
        text=True,
        timeout=30,
        env=clean_environment(),
        preexec_fn=lambda: os.setresuid(-1, STRANGER, -1),
    )
    assert shown.returncode == 3
    assert shown.stderr.startswith(f"op-agents: PERMISSION_DENIED: cannot serve user {STRANGER}: ")
    assert "add it to supervisor.allowed_users" in shown.stderr


def test_an_agent_by_hand_serves_whom_its_flags_allow(programs: Path, scratch: Path) -> None:
    agent = DirectAgent(programs / "op-agent-memory", scratch, "--allow-user", str(ALLOWED))
    try:
        agent.wait_until_ready()
        address = f"127.0.0.1:{agent.port}"
        assert not is_refused(call_as(ALLOWED, address))
        refused = call_as(STRANGER, address)
        assert is_refused(refused)
        assert "--allow-user" in refused["execute"].details
    finally:
        agent.close()


def test_who_comes_from_another_network_namespace_is_nobody(
    programs: Path, scratch: Path
) -> None:
    """The same four-tuple may exist here, and be anybody's."""
    with new_network() as network:
        listener = network.submit(socket.create_server, ("127.0.0.1", 0)).result()
        adopting = scratch / "adopting"
        adopting.write_text(
            "#!/bin/bash\nexport LISTEN_PID=$$ LISTEN_FDS=1\n"
            f'exec {programs}/op-agent-memory "$@" 3<&{listener.fileno()}\n'
        )
        adopting.chmod(0o700)
        agent = DirectAgent(adopting, scratch, pass_fds=(listener.fileno(),))
        try:
            agent.wait_until_ready()
            address = f"127.0.0.1:{listener.getsockname()[1]}"
            answers = network.submit(call_as, 0, address).result()
            assert is_refused(answers)
            assert "another network namespace" in answers["execute"].details
            assert not is_refused(call_as(0, f"127.0.0.1:{agent.port}"))
        finally:
            agent.close()
            listener.close()


@pytest.mark.parametrize("key", ["allowed_users", "allowed_groups"])
def test_an_unknown_account_is_a_mistake_of_the_configuration(
    make_fleet: Callable[..., Fleet], programs: Path, key: str
) -> None:
    fleet = make_fleet(settings={"supervisor": {key: ["nobody-of-that-name"]}})
    checked = subprocess.run(
        [programs / "op-agents", "config", "check", "--config", fleet.configuration],
        capture_output=True,
        text=True,
        timeout=30,
        env=clean_environment(),
    )
    assert checked.returncode == 1
    assert f'cannot use supervisor.{key}: there is no' in checked.stderr
    assert "nobody-of-that-name" in checked.stderr
