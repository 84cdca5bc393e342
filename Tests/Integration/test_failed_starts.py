"""Starts that fail: the operator reads what is wrong, why, and what to do, wherever they look."""

from __future__ import annotations

import os
import platform
import pwd
import re
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import pytest

from harness.cli import FINE, REFUSED, op_agents
from harness.fleet import Fleet

MakeFleet = Callable[..., Fleet]
# Makes a program one that cannot be started; afterwards what it did is undone.
Spoil = Callable[[Path], AbstractContextManager[None]]

AGENT = "faulty"
OTHER_PROGRAM = "install the program or name another in the agent's exec"
USER = pwd.getpwuid(os.geteuid()).pw_name
# Has root ask for permission as others have to.
WITHOUT_PRIVILEGES = "setpriv --bounding-set=-dac_override,-dac_read_search"

# Where an ELF program says its machine (e_machine of elf(5)), and one that is not this.
MACHINE_OFFSET = 18
POWERPC = 21


@pytest.fixture
def program(scratch: Path) -> Path:
    """A program in a directory of its own that is as it should be, until a test changes that."""
    path = scratch / "bin" / "op-agent-faulty"
    path.parent.mkdir()
    shutil.copy("/bin/true", path)
    return path


def started(make_fleet: MakeFleet, program: Path, *, prefix: str = "") -> Fleet:
    """A running fleet with the program as an agent that nobody has asked for yet."""
    fleet = make_fleet(manifests={AGENT: {"exec": str(program)}}, installed=("memory",))
    if prefix:
        fleet.wrap(prefix=prefix)
    return fleet.start()


def failed_start(fleet: Fleet) -> str:
    """What `op-agents start` says behind whom it cannot start."""
    shown = op_agents(fleet, "start", AGENT)
    assert shown.returncode == REFUSED
    before, cannot, reason = shown.stderr.partition(f"cannot start {AGENT}: ")
    assert cannot, shown.stderr
    assert before == "op-agents: FAILED_PRECONDITION: "
    return reason.rstrip("\n")


def assert_is_said_everywhere(fleet: Fleet, sentence: str) -> None:
    """The sentence is in status, in the events and in the supervisor's own output.

    Only of an agent that cannot be started: another may be starting again when status is asked for.
    """
    assert f"\n{AGENT}: {sentence}; starts again in " in op_agents(fleet, "status").stdout
    assert_was_said(fleet, sentence)


def assert_was_said(fleet: Fleet, sentence: str) -> None:
    """The sentence is in the events and in the supervisor's own output."""
    events = op_agents(fleet, "events", AGENT).stdout
    assert f"starting -> backing off: {sentence}; starts again in " in events
    assert f"{AGENT} {sentence}; now backing off" in fleet.log.read_text()


# -- programs that cannot be executed


def changing(change: Callable[[Path], object]) -> Spoil:
    """Spoils a program in a way that need not be undone."""

    def spoil(program: Path) -> AbstractContextManager[None]:
        change(program)
        return nullcontext()

    return spoil


def rewriting(rewrite: Callable[[bytes], bytes]) -> Spoil:
    """Spoils a program by other content, in a new file as an installation would."""

    def change(program: Path) -> None:
        new = program.with_suffix(".new")
        new.write_bytes(rewrite(program.read_bytes()))
        new.chmod(0o755)
        new.rename(program)

    return changing(change)


def for_another_machine(content: bytes) -> bytes:
    number = POWERPC.to_bytes(2, "little")
    return content[:MACHINE_OFFSET] + number + content[MACHINE_OFFSET + len(number) :]


def with_another_loader(content: bytes) -> bytes:
    return content.replace(b"/ld-linux", b"/no-linux")


def become_directory(program: Path) -> None:
    program.unlink()
    program.mkdir()


def become_dangling_link(program: Path) -> None:
    program.unlink()
    program.symlink_to("/opt/nowhere/op-agent-faulty")


@contextmanager
def on_a_noexec_mount(program: Path) -> Iterator[None]:
    mount = ["mount", "-t", "tmpfs", "-o", "noexec", "none", str(program.parent)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("a file system cannot be mounted here")
    try:
        shutil.copy("/bin/true", program)
        yield
    finally:
        subprocess.run(["umount", str(program.parent)], check=True)


@contextmanager
def being_written(program: Path) -> Iterator[None]:
    with program.open("r+b"):
        yield


@contextmanager
def in_a_closed_directory(program: Path) -> Iterator[None]:
    program.parent.chmod(0o600)
    yield
    program.parent.chmod(0o700)


FAULTS = [
    pytest.param(changing(Path.unlink), f"it does not exist; {OTHER_PROGRAM}", id="missing file"),
    pytest.param(
        changing(lambda program: shutil.rmtree(program.parent)),
        f"the directory {{directory}} does not exist; {OTHER_PROGRAM}",
        id="missing directory",
    ),
    pytest.param(
        changing(become_dangling_link),
        "it is a symbolic link to /opt/nowhere/op-agent-faulty, which does not exist; "
        "install what it points to, or correct the link",
        id="dangling link",
    ),
    pytest.param(
        changing(become_directory),
        "it is not a file but a directory; name a program in the agent's exec",
        id="directory",
    ),
    pytest.param(
        changing(lambda program: program.chmod(0o644)),
        "user {user} may not execute it (mode 0644, owner {owner}); run chmod a+x {program}",
        id="not executable",
    ),
    pytest.param(
        on_a_noexec_mount,
        "it lies on a file system that is mounted noexec; "
        "install the program elsewhere or remount with exec",
        id="noexec mount",
    ),
    pytest.param(
        rewriting(for_another_machine),
        "it is built for PowerPC, and this machine is {machine}; install the build for {machine}",
        id="wrong machine",
    ),
    pytest.param(
        rewriting(with_another_loader),
        "its loader {loader} cannot be executed: it does not exist; "
        "install the C library that it was built for",
        id="missing loader",
    ),
    pytest.param(
        rewriting(lambda _: b"#!/usr/bin/no-such-interpreter -u\n"),
        "its interpreter /usr/bin/no-such-interpreter cannot be executed: it does not exist; "
        "install the interpreter or correct the #! line",
        id="missing interpreter",
    ),
    pytest.param(
        rewriting(lambda _: b"#!/bin/sh\r\n"),
        "its #! line ends with a carriage return; save it with Unix line endings",
        id="line endings of Windows",
    ),
    pytest.param(
        rewriting(lambda _: b"echo no program\n"),
        "it is neither an ELF program nor a script with a #! line; "
        "install a program for this machine, or begin the script with #!",
        id="no program",
    ),
    pytest.param(
        being_written,
        "some process has the file open for writing; wait until it is written, and install "
        "programs by renaming a finished file over the old one",
        id="text file busy",
    ),
]


def described(diagnosis: str, program: Path) -> str:
    """The sentence for a program, in a directory whose owner made it."""
    machine = {"x86_64": "x86-64", "aarch64": "64-bit ARM", "riscv64": "RISC-V"}
    loader = re.search(rb"/lib[^\0]*/ld-linux[^\0]*", Path("/bin/true").read_bytes())
    home = program.parent.parent
    filled = diagnosis.format(
        program=program,
        directory=program.parent,
        user=USER,
        owner=f"{home.owner()}:{home.group()}",
        machine=machine[platform.machine()],
        loader=loader[0].decode().replace("/ld-", "/no-") if loader else "",
    )
    return f"cannot execute {program}: {filled}"


@pytest.mark.parametrize(("spoil", "diagnosis"), FAULTS)
def test_a_program_that_cannot_be_executed(
    make_fleet: MakeFleet, program: Path, spoil: Spoil, diagnosis: str
) -> None:
    fleet = started(make_fleet, program)
    with spoil(program):
        sentence = described(diagnosis, program)
        assert failed_start(fleet) == sentence
        assert_is_said_everywhere(fleet, sentence)


def test_a_program_in_a_directory_that_may_not_be_searched(
    make_fleet: MakeFleet, program: Path
) -> None:
    fleet = started(make_fleet, program, prefix=WITHOUT_PRIVILEGES if os.geteuid() == 0 else "")
    with in_a_closed_directory(program):
        sentence = described(
            "user {user} may not search the directory {directory} (mode 0600, owner {owner}); "
            "run chmod a+x {directory} or install the program elsewhere",
            program,
        )
        assert failed_start(fleet) == sentence
        assert_is_said_everywhere(fleet, sentence)


def test_a_program_that_is_put_back_starts_as_if_nothing_had_been(
    make_fleet: MakeFleet, programs: Path
) -> None:
    fleet = make_fleet(installed=("memory",))
    program = fleet.scratch / "op-agent-vanishing"
    program.symlink_to(programs / "op-agent-memory")
    fleet.write_configuration({"agents": {"memory": {"exec": str(program)}}})
    fleet.start()
    assert op_agents(fleet, "stop", "memory").returncode == FINE
    program.unlink()
    shown = op_agents(fleet, "start", "memory")
    assert shown.returncode == REFUSED
    assert f"cannot execute {program}: it does not exist" in shown.stderr
    program.symlink_to(programs / "op-agent-memory")
    assert op_agents(fleet, "start", "memory").returncode == FINE
    assert op_agents(fleet, "call", "memory", "list").returncode == FINE


# -- ports that somebody else has


@contextmanager
def held(port: int) -> Iterator[str]:
    """Listens on a port; gives who does so, as the system names it."""
    with socket.create_server(("127.0.0.1", port)):
        name = Path("/proc/self/comm").read_text().strip()
        yield f"pid {os.getpid()} ({name})"


def port_sentence(fleet: Fleet, holder: str) -> str:
    return (
        f"cannot bind {fleet.address_of(AGENT)} for {AGENT}: address in use by {holder}; "
        f"stop it or set agents.{AGENT}.port"
    )


def test_a_port_that_somebody_else_has(make_fleet: MakeFleet, program: Path) -> None:
    fleet = started(make_fleet, program)
    # Until it is started again, its port is not listened on.
    assert op_agents(fleet, "stop", AGENT).returncode == FINE
    with held(fleet.ports[AGENT]) as holder:
        sentence = port_sentence(fleet, holder)
        assert failed_start(fleet) == sentence
        assert_is_said_everywhere(fleet, sentence)


def test_a_fleet_with_a_port_that_somebody_else_has(make_fleet: MakeFleet, program: Path) -> None:
    fleet = make_fleet(manifests={AGENT: {"exec": str(program)}}, installed=("memory",))
    with held(fleet.ports[AGENT]) as holder:
        fleet.start(ready=False)
        assert fleet.wait() == 1
    assert fleet.tail(1) == port_sentence(fleet, holder)


# -- programs that run, and end


def running(commands: str) -> Callable[[bytes], bytes]:
    return lambda _: f"#!/bin/sh\n{commands}\n".encode()


ENDINGS = [
    pytest.param(
        "echo preparing; echo cannot open the database: it is locked >&2; exit 3",
        "exited with code 3",
        ["preparing", "cannot open the database: it is locked"],
        id="with an error message",
    ),
    pytest.param(
        "seq 100; exit 1",
        "exited with code 1",
        [str(number) for number in range(91, 101)],
        id="after many lines",
    ),
    pytest.param(
        "echo last words; kill -SEGV $$", "killed by SIGSEGV", ["last words"], id="by a signal"
    ),
]


@pytest.mark.parametrize(("commands", "cause", "lines"), ENDINGS)
def test_a_program_that_ends_is_shown_with_its_last_lines(
    make_fleet: MakeFleet, program: Path, commands: str, cause: str, lines: list[str]
) -> None:
    with rewriting(running(commands))(program):
        fleet = started(make_fleet, program)
    said, *shown = failed_start(fleet).split("\n")
    verb = "it was" if cause.startswith("killed") else "it"
    assert said == f"{verb} {cause}; see op-agents logs {AGENT}"
    # Which of the two it wrote to is not in the order in which they are read.
    assert shown[0] == "its last lines:"
    assert sorted(shown[1:]) == sorted(f"  {line}" for line in lines)
    assert fleet.status()[AGENT].last_error == cause
    assert_was_said(fleet, cause)


def test_last_lines_are_those_of_the_instance_that_failed(
    make_fleet: MakeFleet, program: Path
) -> None:
    with rewriting(running("echo of the first; exit 3"))(program):
        fleet = started(make_fleet, program)
    assert "of the first" in failed_start(fleet)
    assert op_agents(fleet, "stop", AGENT).returncode == FINE
    with rewriting(running("exit 4"))(program):
        assert failed_start(fleet) == (
            "it exited with code 4, and wrote nothing; run its program by hand to see why"
        )
    assert op_agents(fleet, "stop", AGENT).returncode == FINE
    program.unlink()
    assert failed_start(fleet).startswith(f"cannot execute {program}: it does not exist; ")
    assert "of the first" in op_agents(fleet, "logs", AGENT).stdout
