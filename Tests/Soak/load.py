"""Clients that never pause while processes are killed under them, and what became of their calls."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import grpc

from harness.client import Client, request
from harness.contracts import agents, memory, supervisor
from harness.fleet import Fleet
from harness.load import lost, value_of
from harness.ports import connect_time

# Longer than the longest backoff, the start after it, and a busy machine.
_CALL_TIMEOUT = 90.0
_CONNECT_TIMEOUT = 30.0
_CONNECT_INTERVAL = 0.002
_MOST_SESSIONS = 20
_NAMESPACE = "soak-forwarded"


@dataclass
class Tally:
    """What happened to the calls of all workers."""

    calls: Counter[str] = field(default_factory=Counter)
    repeated: Counter[str] = field(default_factory=Counter)
    connections: int = 0
    refused: int = 0
    slowest_connect: float = 0.0
    # What should not have happened.
    errors: list[str] = field(default_factory=list)


@dataclass
class Sessions:
    """Those that were started and ended, as far as that was acknowledged."""

    open: set[str] = field(default_factory=set)
    ended: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def wrong(self, client: Client) -> list[str]:
        """What the supervisor's list of sessions lacks, or should not have."""
        with self.lock:
            open_before, ended = set(self.open), set(self.ended)
        listed = {
            session.session_id
            for session in client.supervisor.ListSessions(
                supervisor.ListSessionsRequest(), timeout=30
            ).sessions
        }
        with self.lock:
            lost = (open_before & self.open) - listed
        return [f"{id} is lost" for id in lost] + [f"{id} is back" for id in ended & listed]


class Load:
    """Reads, streams, sessions and connections at every address of a fleet.

    A call that is cut off is made again, as a client should; any other failure is an error. `stop` and
    `start` may alternate.
    """

    def __init__(self, fleet: Fleet, *, session: str, agents: list[str], seed: int) -> None:
        self.tally = Tally()
        self.sessions = Sessions()
        self._fleet = fleet
        self._session = session
        self._agents = agents
        self._seed = seed
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._session_number = 0
        # Keys whose write was acknowledged.
        self._remembered: list[str] = []

    def start(self) -> None:
        self._stopping.clear()
        bodies: list[Callable[[], None]] = [
            lambda: self._call("direct", self._direct_echo),
            lambda: self._call("forwarded", self._forwarded_echo),
            lambda: self._call("streamed", self._stream),
            lambda: self._call("conversed", self._converse),
            lambda: self._call("sessions", self._churn),
            lambda: self._call("remembered", self._remember),
            lambda: self._call("recalled", self._recall),
            self._connect,
        ]
        self._threads = [threading.Thread(target=body, daemon=True) for body in bodies]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()
        self._threads = []

    # -- what a worker does

    def _call(self, kind: str, make: Callable[[dict[str, Client], random.Random], None]) -> None:
        chance = random.Random(f"{self._seed} {kind}")
        clients = {"": self._fleet.client()}
        clients |= {name: self._fleet.client(name) for name in ("memory", *self._agents)}
        try:
            while not self._stopping.is_set():
                self._attempt(kind, lambda: make(clients, chance))
        finally:
            for client in clients.values():
                client.close()

    def _attempt(self, kind: str, call: Callable[[], None]) -> None:
        try:
            call()
        except grpc.RpcError as error:
            with self._lock:
                # A process ended: it was cut off, or was not begun.
                if error.code() == grpc.StatusCode.UNAVAILABLE:
                    self.tally.repeated[kind] += 1
                else:
                    self.tally.errors.append(f"{kind}: {error.code()} {error.details()}")
        except AssertionError as error:
            with self._lock:
                self.tally.errors.append(f"{kind}: {error}")
        else:
            with self._lock:
                self.tally.calls[kind] += 1

    def _direct_echo(self, clients: dict[str, Client], chance: random.Random) -> None:
        agent = chance.choice(self._agents)
        self._echo(clients[agent], agent, chance)

    def _forwarded_echo(self, clients: dict[str, Client], chance: random.Random) -> None:
        # An agent's port takes calls to any other.
        address = chance.choice(["", *self._agents])
        self._echo(clients[address], chance.choice(self._agents), chance)

    def _echo(self, client: Client, agent: str, chance: random.Random) -> None:
        text = f"{chance.random()}"
        asked = request(agent, "echo", {"text": text}, session=self._session)
        answer = client.agents.Execute(asked, timeout=_CALL_TIMEOUT, wait_for_ready=True)
        assert answer.success and text in answer.result_json, answer

    def _stream(self, clients: dict[str, Client], chance: random.Random) -> None:
        agent = chance.choice(self._agents)
        client = clients[chance.choice(["", agent])]
        asked = request(agent, "flood", {"lines": 500}, session=self._session)
        stream = client.agents.ExecuteStream(asked, timeout=_CALL_TIMEOUT, wait_for_ready=True)
        lines = sum(chunk.content.count("\n") for chunk in stream)
        assert lines >= 500, f"{lines} lines of 500"

    def _converse(self, clients: dict[str, Client], chance: random.Random) -> None:
        beats = [
            agents.SessionRequest(
                correlation_id=str(nonce),
                session_id=self._session,
                heartbeat=agents.SessionHeartbeat(nonce=nonce),
            )
            for nonce in range(1, 20)
        ]
        client = clients[chance.choice(["", *self._agents])]
        answers = client.agents.Session(iter(beats), timeout=_CALL_TIMEOUT, wait_for_ready=True)
        nonces = sorted(answer.heartbeat.nonce for answer in answers)
        assert nonces == [beat.heartbeat.nonce for beat in beats], nonces

    def _remember(self, clients: dict[str, Client], chance: random.Random) -> None:
        """Writes by way of the supervisor, which any port leads to."""
        key = f"key-{len(self._remembered)}"
        client = clients[chance.choice(["", *self._agents])]
        arguments = {"key": key, "value": value_of(key), "namespace": _NAMESPACE}
        asked = request("memory", "remember", arguments, session=self._session)
        answer = client.agents.Execute(asked, timeout=_CALL_TIMEOUT, wait_for_ready=True)
        assert answer.success, answer
        self._remembered.append(key)

    def _recall(self, clients: dict[str, Client], chance: random.Random) -> None:
        if not self._remembered:
            return self._remember(clients, chance)
        key = chance.choice(self._remembered)
        recall = memory.MemoryRecallRequest(key=key, namespace=_NAMESPACE)
        entry = clients["memory"].memory.Recall(
            recall, timeout=_CALL_TIMEOUT, wait_for_ready=True
        )
        assert entry.value == value_of(key), entry

    def lost(self) -> list[str]:
        """What was remembered by way of the supervisor and is not there any more."""
        return lost(self._fleet.ports["memory"], self._remembered, _NAMESPACE)

    def _churn(self, clients: dict[str, Client], chance: random.Random) -> None:
        """Starts a session, or ends an old one; one of which it is not known is not counted."""
        client = clients[chance.choice(["", *self._agents])]
        if len(self.sessions.open) >= _MOST_SESSIONS:
            self._end_session(client, chance.choice(sorted(self.sessions.open - {self._session})))
            return
        self._session_number += 1
        self.start_session(client, f"soak-{self._session_number}")

    def start_session(self, client: Client, id: str) -> None:
        start = agents.StartSessionRequest(session_id=id, client_name="soak")
        client.agents.StartSession(start, timeout=_CALL_TIMEOUT, wait_for_ready=True)
        with self.sessions.lock:
            self.sessions.open.add(id)

    def _end_session(self, client: Client, id: str) -> None:
        with self.sessions.lock:
            self.sessions.open.discard(id)
        end = agents.EndSessionRequest(session_id=id)
        client.agents.EndSession(end, timeout=_CALL_TIMEOUT, wait_for_ready=True)
        with self.sessions.lock:
            self.sessions.ended.add(id)

    def _connect(self) -> None:
        chance = random.Random(f"{self._seed} connections")
        ports = [self._fleet.port, *(self._fleet.ports[agent] for agent in self._agents)]
        while not self._stopping.wait(_CONNECT_INTERVAL):
            port = chance.choice(ports)
            self.tally.connections += 1
            try:
                took = connect_time(port, _CONNECT_TIMEOUT)
                self.tally.slowest_connect = max(self.tally.slowest_connect, took)
            except (ConnectionRefusedError, ConnectionResetError):
                self.tally.refused += 1
            except OSError as error:
                with self._lock:
                    self.tally.errors.append(f"connect to {port}: {error}")


@dataclass
class Stopwatch:
    """The slowest of what was measured."""

    slowest: float = 0.0
    what: str = ""

    def note(self, what: str, began: float) -> None:
        took = time.monotonic() - began
        if took > self.slowest:
            self.slowest, self.what = took, what
