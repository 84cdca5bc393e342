"""What agents leave behind: it ends with them, and with nobody else."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest

from conftest import MISBEHAVING
from harness.client import Client
from harness.contracts import supervisor
from harness.files import script
from harness.fleet import Fleet
from harness.processes import FAMILY, Process, still_alive

MakeFleet = Callable[..., Fleet]

# Every level has a session and so a process group of its own, and ignores what ends others.
NESTED = """
trap '' TERM HUP
echo $$ >"$ANNOUNCEMENTS"
level=${1:-4}
[ "$level" -eq 0 ] || setsid "$0" $((level - 1)) &
read _ <>"$SILENCE"
"""

# The helper's parent ends at once, so the supervisor inherits it while the agent lives.
DETACHING = """
case $1 in
helper) trap '' TERM; echo $$ >"$ANNOUNCEMENTS" ;;
*) ($CLEARING setsid "$0" helper &) ;;
esac
read _ <>"$SILENCE"
"""

# A program that ignores SIGTERM, and says when it does.
STUBBORN = """
unsafe extern "C" { fn signal(number: i32, handler: usize) -> usize; }
fn main() {
    unsafe { signal(15, 1) };
    println!("pid {}", std::process::id());
    loop { std::thread::park(); }
}
"""


class Announcements:
    """A FIFO that scripts write their pids to, and one that nobody writes to."""

    def __init__(self, directory: Path) -> None:
        self.environment = {
            "ANNOUNCEMENTS": str(directory / "announcements"),
            "SILENCE": str(directory / "silence"),
        }
        for path in self.environment.values():
            os.mkfifo(path)
        # Open for both, so that it neither waits for a writer nor ends with one.
        self._descriptor = os.open(self.environment["ANNOUNCEMENTS"], os.O_RDWR | os.O_CLOEXEC)
        self._text = b""

    def next(self, within: float = 30) -> Process:
        """The next process that says it is there."""
        while b"\n" not in self._text:
            ready, _, _ = select.select([self._descriptor], [], [], within)
            assert ready, "a script did not start"
            self._text += os.read(self._descriptor, 4096)
        line, _, self._text = self._text.partition(b"\n")
        process = Process.find(int(line))
        assert process is not None
        return process

    def close(self) -> None:
        os.close(self._descriptor)


@pytest.fixture
def announcements(scratch: Path) -> Iterator[Announcements]:
    made = Announcements(scratch)
    yield made
    made.close()


def manifest(executable: str, environment: dict[str, str]) -> dict[str, object]:
    return {
        "description": "A script that is never ready",
        "exec": executable,
        "environment": environment,
        "grace": "1s",
        "start_timeout": "60s",
    }


@contextmanager
def starting(client: Client, agent: str) -> Iterator[None]:
    """Has an agent started that will not be ready."""
    call = client.supervisor.Start.future(supervisor.StartRequest(agent_id=agent), timeout=60)
    try:
        yield
    finally:
        call.cancel()


def replace(fleet: Fleet, agent: str) -> None:
    """Kills an agent's process, and returns when the supervisor has dealt with its end."""
    os.kill(fleet.process_of(agent).pid, signal.SIGKILL)
    for event in fleet.events(agent):
        if "SIGKILL" in event.cause:
            return
    raise AssertionError(f"the end of {agent} was not seen")


@pytest.mark.parametrize("whole_fleet", [False, True], ids=["an agent", "the supervisor"])
def test_what_left_by_sessions_of_its_own_is_gone_when_it_stopped(
    make_fleet: MakeFleet, announcements: Announcements, scratch: Path, whole_fleet: bool
) -> None:
    nested = script(scratch, "nested", NESTED)
    fleet = make_fleet(
        manifests={"nested": manifest(nested, announcements.environment)}, installed=("memory",)
    ).start()
    with fleet.client() as client, starting(client, "nested"):
        levels = [announcements.next() for _ in range(5)]
        assert len({process.group for process in levels}) == 5
        if not whole_fleet:
            client.supervisor.Stop(supervisor.StopRequest(agent_id="nested"), timeout=30)
    if whole_fleet:
        assert fleet.stop() == 0
    assert still_alive(levels, within=0) == []


@pytest.mark.parametrize("signalled", ["rust_pro", "op-supervisor"])
def test_a_running_program_that_ignores_sigterm_ends_with(
    make_fleet: MakeFleet, signalled: str
) -> None:
    fleet = make_fleet().start()
    crate = fleet.crates / "stubborn"
    (crate / "src").mkdir(parents=True)
    (crate / "Cargo.toml").write_text(
        '[package]\nname = "stubborn"\nversion = "0.1.0"\nedition = "2024"\n'
    )
    (crate / "src" / "main.rs").write_text(STUBBORN)
    with fleet.client() as client:
        chunks = client.stream("rust_pro", "run", {"path": str(crate)}, timeout=120)
        said = next(chunk.content for chunk in chunks if chunk.content.startswith("pid "))
        program = Process.find(int(said.split()[1]))
        assert program is not None
        members = fleet.processes()
        assert program.pid in {process.pid for process in members}
        if signalled == "rust_pro":
            replace(fleet, "rust_pro")
            assert still_alive([program], within=0) == []
        else:
            fleet.signal(signal.SIGKILL)
            fleet.wait()
            assert still_alive(members, within=10) == []
        with pytest.raises(grpc.RpcError):
            list(chunks)


def test_the_end_of_another_agent_leaves_a_detached_process_alone(
    make_fleet: MakeFleet, announcements: Announcements, scratch: Path
) -> None:
    detaching = script(scratch, "detaching", DETACHING)
    fleet = make_fleet(
        manifests={"detaching": manifest(detaching, announcements.environment)},
        installed=("memory",),
    ).start()
    with fleet.client() as client, starting(client, "detaching"):
        helper = announcements.next()
        replace(fleet, "memory")
        assert helper.is_alive()
        client.supervisor.Stop(supervisor.StopRequest(agent_id="detaching"), timeout=30)
        assert not helper.is_alive()


def test_one_that_cleared_its_environment_ends_too(
    make_fleet: MakeFleet, announcements: Announcements, scratch: Path
) -> None:
    clearing = "env -i PATH=$PATH ANNOUNCEMENTS=$ANNOUNCEMENTS SILENCE=$SILENCE"
    detaching = script(scratch, "detaching", DETACHING.replace("$CLEARING", clearing))
    fleet = make_fleet(
        manifests={"detaching": manifest(detaching, announcements.environment)},
        installed=("memory",),
    ).start()
    with fleet.client() as client, starting(client, "detaching"):
        helper = announcements.next()
        client.supervisor.Stop(supervisor.StopRequest(agent_id="detaching"), timeout=30)
        assert not helper.is_alive()


def test_a_child_from_before_the_supervisor_is_left_alone(
    make_fleet: MakeFleet, announcements: Announcements
) -> None:
    fleet = make_fleet(installed=("memory",))
    fifos = announcements.environment
    child = f"echo $$ >{fifos['ANNOUNCEMENTS']}; read _ <>{fifos['SILENCE']}"
    fleet.wrap(first=f"sh -c '{child}' &")
    fleet.start()
    stranger = announcements.next()
    try:
        replace(fleet, "memory")
        assert fleet.stop() == 0
        assert stranger.is_alive()
    finally:
        os.kill(stranger.pid, signal.SIGKILL)
        stranger.wait(within=10)


def test_a_supervisor_that_inherits_ignored_child_signals_sees_its_agents_end(
    make_fleet: MakeFleet,
) -> None:
    fleet = make_fleet(installed=("memory",))
    fleet.wrap(prefix="env --ignore-signal=CHLD")
    fleet.start()
    replace(fleet, "memory")
    assert fleet.stop() == 0


def test_hung_and_deaf_agents_do_not_outlive_a_killed_supervisor(make_fleet: MakeFleet) -> None:
    deaf = MISBEHAVING | {"environment": {"MISBEHAVE": "ignore-sigterm"}}
    fleet = make_fleet(manifests={"misbehaving": deaf}, installed=("memory",)).start()
    with fleet.client() as client:
        client.execute("misbehaving", "echo", {"text": "warm"})
    members = fleet.processes()
    os.kill(fleet.process_of("memory").pid, signal.SIGSTOP)
    fleet.signal(signal.SIGKILL)
    fleet.wait()
    assert still_alive(members, within=5) == []
    assert FAMILY.leftovers() == []
    # Nobody holds the ports.
    fleet.start()
    with fleet.client() as client:
        client.execute("misbehaving", "echo", {"text": "again"})


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may take another group")
def test_an_agent_in_another_group_sees_the_end_of_a_killed_supervisor(
    make_fleet: MakeFleet, programs: Path
) -> None:
    # The kernel takes the parent-death signal back where credentials change.
    regrouped = MISBEHAVING | {
        "exec": "/usr/bin/setpriv",
        "args": ["--regid=65534", "--clear-groups", str(programs / "op-agent-misbehaving")],
    }
    fleet = make_fleet(manifests={"misbehaving": regrouped}, installed=("memory",)).start()
    with fleet.client() as client:
        client.execute("misbehaving", "echo", {"text": "warm"})
    members = fleet.processes()
    fleet.signal(signal.SIGKILL)
    fleet.wait()
    assert still_alive(members, within=5) == []
