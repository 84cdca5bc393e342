"""A program that does all it can to outlive its call, run by rust_pro: nothing of it is left."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import grpc
import pytest

from harness.cgroups import DelegatedCgroup, own_cgroup
from harness.client import Client
from harness.fleet import Fleet
from harness.processes import Process, still_alive

MakeFleet = Callable[..., Fleet]

# A session of its own, no parent that knows it, deaf to what ends others, and nothing open.
ESCAPING = """
unsafe extern "C" {
    fn fork() -> i32;
    fn setsid() -> i32;
    fn signal(number: i32, handler: usize) -> usize;
    fn close(descriptor: i32) -> i32;
}
fn main() {
    unsafe {
        for number in [1, 2, 15] { signal(number, 1); }
        if fork() == 0 {
            setsid();
            if fork() != 0 { std::process::exit(0); }
            println!("pid {}", std::process::id());
            for descriptor in 0..1024 { close(descriptor); }
        }
    }
    loop { std::thread::park(); }
}
"""


@pytest.fixture(params=[False, True], ids=["no control group", "a control group"])
def has_cgroup(request: pytest.FixtureRequest) -> bool:
    """Whether each program has a control group of its own."""
    return request.param


@pytest.fixture
def fleet(make_fleet: MakeFleet, has_cgroup: bool) -> Iterator[Fleet]:
    """A fleet with rust_pro, and the program in its directory of crates."""
    with ExitStack() as closing:
        made = make_fleet(installed=("rust_pro",))
        if has_cgroup:
            if own_cgroup() is None or os.geteuid() != 0:
                pytest.skip("only root may make control groups of version 2, where they are mounted")
            delegated = DelegatedCgroup()
            closing.callback(delegated.close)
            made.wrap(first=delegated.entering)
        source = made.crates / "escaping" / "src"
        source.mkdir(parents=True)
        (source.parent / "Cargo.toml").write_text(
            '[package]\nname = "escaping"\nversion = "0.1.0"\nedition = "2024"\n'
        )
        (source / "main.rs").write_text(ESCAPING)
        yield made.start()
        made.close()


@pytest.mark.parametrize(
    "ended_by", ["cancelling", "the time limit", "the agent's death", "the supervisor's death"]
)
def test_nothing_is_left_after(fleet: Fleet, has_cgroup: bool, ended_by: str) -> None:
    path = {"path": str(fleet.crates / "escaping")}
    with fleet.client() as client:
        client.execute("rust_pro", "build", path, timeout=120)
        limit = {"timeout_secs": 2} if ended_by == "the time limit" else {}
        chunks = client.stream("rust_pro", "run", path | limit, timeout=120)
        said = next(chunk.content for chunk in chunks if chunk.content.startswith("pid "))
        escaped = Process.find(int(said.split()[1]))
        assert escaped is not None
        assert ("/program-" in Path(f"/proc/{escaped.pid}/cgroup").read_text()) == has_cgroup
        members = fleet.processes()
        assert escaped.pid in {process.pid for process in members}
        agent = fleet.process_of("rust_pro")
        programs = [each for each in members if each.pid != agent.pid]
        end(ended_by, client, chunks, fleet)
    assert still_alive(programs, within=20) == []


@pytest.mark.parametrize("has_cgroup", [True], indirect=True, ids=["a control group"])
def test_nothing_is_left_when_the_guard_is_killed(fleet: Fleet) -> None:
    path = {"path": str(fleet.crates / "escaping")}
    with fleet.client() as client:
        chunks = client.stream("rust_pro", "run", path, timeout=120)
        said = next(chunk.content for chunk in chunks if chunk.content.startswith("pid "))
        escaped = Process.find(int(said.split()[1]))
        assert escaped is not None
        os.kill(escaped.parent, signal.SIGKILL)
        with pytest.raises(grpc.RpcError, match="guard"):
            list(chunks)
        # The agent lives, and has ended the call only when this was true.
        assert not escaped.is_alive()
        client.execute("rust_pro", "version")


def end(by: str, client: Client, chunks: grpc.Call, fleet: Fleet) -> None:
    """Ends a call."""
    match by:
        case "cancelling":
            chunks.cancel()
        case "the time limit":
            with pytest.raises(grpc.RpcError, match="within"):
                list(chunks)
        case "the agent's death":
            os.kill(fleet.process_of("rust_pro").pid, signal.SIGKILL)
        case _:
            fleet.signal(signal.SIGKILL)
            fleet.wait()
