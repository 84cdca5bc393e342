"""A real op-supervisor with real agents, in a scratch directory, on free ports."""

from __future__ import annotations

import copy
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc

from harness import contracts
from harness.client import Client
from harness.files import script
from harness.held_sockets import HeldSockets
from harness.notify import NotifySocket
from harness.places import MANIFESTS
from harness.ports import free_ports
from harness.processes import FAMILY, Process, descendants, still_alive
from harness.toml import to_toml

# Longer than anything takes on a busy machine with two cores; nothing waits for it that succeeds.
PATIENCE = 60.0

_SETTINGS_OF_SYSTEMD = ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDS", "LISTEN_PID")
_SETTINGS_OF_OURS = ("OP_AGENTS_CONFIG", "OP_AGENTS_ADDRESS", "STATE_DIRECTORY", "RUNTIME_DIRECTORY")


def clean_environment(**additions: str) -> dict[str, str]:
    """This process's environment without what would reach a service by accident."""
    inherited = dict(os.environ)
    for name in _SETTINGS_OF_SYSTEMD + _SETTINGS_OF_OURS:
        inherited.pop(name, None)
    return inherited | additions


class FleetFailed(Exception):
    """A fleet did not start or stop as it should; the message has its last lines."""


class Fleet:
    """One supervisor and its agents. Nothing runs until `start`; `close` leaves nothing behind.

    `settings` are merged over a configuration with memory and rust_pro always on; `manifests` are
    further agents, as the tables of their agent.toml, without a port: each gets one of its own.
    `holds_sockets` has this process listen on all addresses and pass them on, as systemd does.
    """

    def __init__(
        self,
        scratch: Path,
        programs: Path,
        *,
        settings: dict[str, Any] | None = None,
        manifests: dict[str, dict[str, Any]] | None = None,
        environment: dict[str, str] | None = None,
        installed: tuple[str, ...] = ("memory", "rust_pro"),
        holds_sockets: bool = False,
    ) -> None:
        self.scratch = scratch
        self.programs = programs
        self.state = scratch / "state"
        self.runtime = scratch / "run"
        self.crates = scratch / "crates"
        self.log = scratch / "supervisor.log"
        self.configuration = scratch / "grpc.toml"
        self._manifests = scratch / "agents"
        for directory in (self.state, self.runtime, self.crates, self._manifests):
            directory.mkdir(parents=True)

        names = [*installed, *(manifests or {})]
        port, metrics_port, *agent_ports = free_ports(2 + len(names))
        self.port = port
        self.metrics_port = metrics_port
        self.ports = dict(zip(names, agent_ports))
        for name in installed:
            (self._manifests / name).symlink_to(MANIFESTS / name)
        for name, manifest in (manifests or {}).items():
            self._write_manifest(name, manifest)
        self.write_configuration(settings or {})

        self.notify: NotifySocket | None = None
        self._sockets: HeldSockets | None = None
        if holds_sockets:
            self._sockets = HeldSockets(
                [self.port, *self.ports.values()], self.runtime / "supervisor.sock"
            )
        self._environment = environment or {}
        self._process: subprocess.Popen[bytes] | None = None

    def wrap(self, *, first: str = "", prefix: str = "") -> None:
        """Has the supervisor started by a script that becomes it."""
        real = self.programs
        self.programs = self.scratch / "wrapped"
        self.programs.mkdir()
        (self.programs / "op-agents").symlink_to(real / "op-agents")
        script(
            self.programs, "op-supervisor", f'{first}\nexec {prefix} "{real}/op-supervisor" "$@"\n'
        )

    # -- its life

    def start(self, *, ready: bool = True) -> Fleet:
        """Starts the supervisor and, unless told otherwise, waits until it says READY=1.

        One that has ended may be started again.
        """
        if self.notify is not None:
            self.notify.close()
        self.notify = NotifySocket(self.scratch / f"notify-{os.urandom(4).hex()}")
        program = self.programs / "op-supervisor"
        command: list[str] = [str(program), "--config", str(self.configuration)]
        passed: list[int] = []
        if self._sockets is not None:
            command, passed = self._sockets.command(*command), self._sockets.descriptors
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                pass_fds=passed,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.scratch,
                env=clean_environment(
                    STATE_DIRECTORY=str(self.state),
                    RUNTIME_DIRECTORY=str(self.runtime),
                    NOTIFY_SOCKET=str(self.notify.path),
                )
                | self._environment,
            )
        FAMILY.expect(self._process.pid)
        # One that ends is not waited for any longer.
        threading.Thread(
            target=self._watch, args=(self._process.pid, self.notify), daemon=True
        ).start()
        if ready and self.notify.wait(lambda said: said.is_ready, PATIENCE) is None:
            status = self._process.poll()
            ended = "still runs" if status is None else f"ended with status {status}"
            raise FleetFailed(f"op-supervisor did not become ready and {ended}:\n{self.tail()}")
        return self

    @staticmethod
    def _watch(pid: int, notify: NotifySocket) -> None:
        process = Process.find(pid)
        if process is not None:
            process.wait(within=24 * 3600)
        notify.give_up()

    def signal(self, number: signal.Signals) -> None:
        self._started().send_signal(number)

    def wait(self, within: float = PATIENCE) -> int:
        """Waits for the supervisor's own end and returns its exit status."""
        process = self._started()
        try:
            status = process.wait(within)
        except subprocess.TimeoutExpired:
            raise FleetFailed(f"op-supervisor did not end in {within} s:\n{self.tail()}") from None
        FAMILY.forget(process.pid)
        return status

    def stop(self, within: float = PATIENCE) -> int:
        """Asks the supervisor to stop and returns its exit status."""
        self.signal(signal.SIGTERM)
        return self.wait(within)

    def close(self) -> None:
        """Ends whatever of the fleet still runs; what a supervisor should have ended is an error."""
        if self._sockets is not None:
            self._sockets.close()
        process = self._process
        if process is None:
            return
        members: list[Process] = []
        if process.poll() is None:
            members = self.processes()
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        FAMILY.forget(process.pid)
        if self.notify is not None:
            self.notify.close()
        self._process = None
        left = {each.pid: each for each in still_alive(members, within=5) + FAMILY.leftovers()}
        for each in left.values():
            os.kill(each.pid, signal.SIGKILL)
        if left:
            names = ", ".join(map(str, left.values()))
            raise FleetFailed(f"op-supervisor left {names} behind:\n{self.tail()}")

    def __enter__(self) -> Fleet:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- looking at it

    @property
    def pid(self) -> int:
        return self._started().pid

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def address_of(self, agent: str) -> str:
        return f"127.0.0.1:{self.ports[agent]}"

    def client(self, agent: str | None = None) -> Client:
        """A client of the supervisor, or of an agent's own port."""
        return Client(self.address if agent is None else self.address_of(agent))

    def processes(self) -> list[Process]:
        """The supervisor's descendants."""
        return [] if self._process is None else descendants(self._process.pid)

    def tail(self, lines: int = 40) -> str:
        """The last lines that the supervisor wrote."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    def status(self) -> dict[str, contracts.supervisor.AgentStatus]:
        """The supervisor's view of its agents, by their ids."""
        with self.client() as client:
            answer = client.supervisor.Status(contracts.supervisor.StatusRequest(), timeout=10)
        return {agent.id: agent for agent in answer.agents}

    def process_of(self, agent: str) -> Process:
        """The running process of an agent."""
        pid = self.status()[agent].pid
        process = Process.find(pid) if pid else None
        if process is None:
            raise FleetFailed(f"{agent} has no process (pid {pid})")
        return process

    def wait_for_state(self, agent: str, *states: int, within: float = PATIENCE) -> None:
        """Waits until an agent's last transition ends in one of the states."""
        for event in self.events(agent, within=within):
            if event.to in states and self.status()[agent].state in states:
                return
        raise FleetFailed(f"{agent} reached none of the states {states}:\n{self.tail()}")

    def wait_until_served(self, agent: str, times: int) -> None:
        """Waits until an agent has come to serve so often since the supervisor started."""
        for event in self.events(agent):
            times -= event.to == contracts.agents.AGENT_STATE_SERVING
            if times == 0:
                return
        raise FleetFailed(f"{agent} did not come to serve again:\n{self.tail()}")

    def events(
        self, agent: str = "", *, after: int = 0, within: float = PATIENCE
    ) -> Iterator[contracts.supervisor.WatchEventsResponse]:
        """Transitions, past and coming, until so many seconds have passed."""
        watch = contracts.supervisor.WatchEventsRequest(after_sequence=after, agent_id=agent)
        with self.client() as client:
            try:
                yield from client.supervisor.WatchEvents(watch, timeout=within)
            except grpc.RpcError as error:
                if error.code() != grpc.StatusCode.DEADLINE_EXCEEDED:
                    raise

    # -- what it is made of

    def write_configuration(self, settings: dict[str, Any]) -> None:
        """Writes grpc.toml: the defaults of a test's fleet with `settings` merged over them."""
        always_on = [name for name in self.ports if (self._manifests / name).is_symlink()]
        on_demand = [name for name in self.ports if name not in always_on]
        overrides: dict[str, Any] = {name: {"port": port} for name, port in self.ports.items()}
        if "rust_pro" in overrides:
            overrides["rust_pro"]["env"] = {"OP_ALLOWED_ROOTS": str(self.crates)}
        defaults: dict[str, Any] = {
            "supervisor": {
                "addresses": [self.address, f"unix:{self.runtime}/supervisor.sock"],
                "metrics_address": f"127.0.0.1:{self.metrics_port}",
                "manifest_dirs": [str(self._manifests)],
            },
            "agents": {"run_on_connection": always_on, "on_demand": on_demand} | overrides,
        }
        self.configuration.write_text(to_toml(_merged(defaults, settings)))

    def rename(self, agent: str, name: str) -> None:
        """Gives one of the further agents another name, with the port that it has."""
        self.ports[name] = self.ports.pop(agent)
        directory = (self._manifests / agent).rename(self._manifests / name)
        manifest = directory / "agent.toml"
        manifest.write_text(manifest.read_text().replace(f'"{agent}"', f'"{name}"'))
        self.write_configuration({})

    def copy_crate(self, crate: Path) -> Path:
        """A copy of a fixture crate, a new one each time, where rust_pro may build it."""
        copied = Path(tempfile.mkdtemp(dir=self.crates)) / crate.name
        shutil.copytree(crate, copied, ignore=shutil.ignore_patterns("target"))
        return copied

    def _write_manifest(self, name: str, manifest: dict[str, Any]) -> None:
        directory = self._manifests / name
        directory.mkdir()
        text = to_toml({"id": name, "port": self.ports[name]} | manifest)
        (directory / "agent.toml").write_text(text)

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise FleetFailed("the fleet was not started")
        return self._process


def _merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    result = copy.deepcopy(base)
    for key, value in over.items():
        both = isinstance(value, dict) and isinstance(result.get(key), dict)
        result[key] = _merged(result[key], value) if both else value
    return result
