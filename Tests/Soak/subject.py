"""The fleet that is soaked, what is done to it, and what must be true of it whenever it has recovered."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import grpc

from harness.client import Client, request
from harness.contracts import agents, supervisor
from harness.fleet import Fleet
from harness.load import kill
from harness.ports import listeners
from harness.processes import FAMILY, Process, everything, still_alive
from load import Stopwatch
from monitor import Monitor

PATIENCE = 90.0
# Fewer than the failures within 60 s that are a crash loop, whose callers are refused.
MOST_FAILURES = 4
SLEEPER = "sleeper"
MARTYR = "martyr"
STEADY = ("alpha", "beta", "gamma", "delta")
ON_DEMAND = ("echo_one", "echo_two")

_AGENT = {"description": "Does as it is told", "exec": "op-agent-misbehaving", "grace": "2s"}
# It is stopped, and shall be found out soon.
_PROBED = {
    "probes": {"interval": "300ms", "timeout": "1s", "threshold": 2, "busy_timeout": "2s"}
}


class Broken(Exception):
    """Something was not as it must be."""


class Subject:
    """A fleet whose listeners this process holds, one life of its supervisor after the other."""

    def __init__(self, scratch: Path, programs: Path, chance: random.Random) -> None:
        names = (*STEADY, SLEEPER, *ON_DEMAND, MARTYR)
        manifests = {name: _AGENT | {"environment": {"MISBEHAVING_ID": name}} for name in names}
        manifests[SLEEPER] |= _PROBED
        self.settings: dict[str, object] = {
            "agents": {
                "run_on_connection": ["memory", *STEADY, SLEEPER],
                "on_demand": [*ON_DEMAND, MARTYR],
            }
        }
        self.fleet = Fleet(
            scratch,
            programs,
            settings=self.settings,
            manifests=manifests,
            installed=("memory",),
            holds_sockets=True,
        )
        self.chance = chance
        self.kills: Counter[str] = Counter()
        self.recovery = Stopwatch()
        # In this life of the supervisor.
        self.failures: Counter[str] = Counter()
        self._client: Client | None = None
        self._monitor: Monitor | None = None
        self._members: list[Process] = []

    # -- the supervisor's lives

    def start(self, *, ready: bool = True) -> None:
        self.failures = Counter()
        began = time.monotonic()
        self.fleet.start(ready=ready)
        self._client = self.fleet.client()
        self._monitor = Monitor(self._client)
        if ready:
            self.recovery.note("the supervisor", began)
            # Sessions keep them.
            for agent in (*STEADY, SLEEPER, "memory"):
                self._monitor.wait_for_start(agent, 0, PATIENCE)

    def kill_supervisor(self) -> None:
        self.kills["supervisor"] += 1
        self._members = self.fleet.processes()
        self.fleet.signal(signal.SIGKILL)
        self._ended(-signal.SIGKILL)

    def end_supervisor(self) -> None:
        self._members = self.fleet.processes()
        self.fleet.signal(signal.SIGTERM)
        self._ended(0)

    def kill_starting_supervisor(self) -> None:
        """Kills one that has just begun to start agents."""
        self.kill_supervisor()
        self.start(ready=False)
        self.monitor.wait_for(self.chance.choice(STEADY), agents.AGENT_STATE_STARTING, PATIENCE)
        self.kill_supervisor()

    def kill_stopping_supervisor(self) -> None:
        self._members = self.fleet.processes()
        notify = self.fleet.notify
        self.fleet.signal(signal.SIGTERM)
        assert notify is not None
        if notify.wait(lambda said: "STOPPING" in said.fields, PATIENCE) is None:
            raise Broken("the supervisor did not say STOPPING=1")
        self.kills["supervisor"] += 1
        self.fleet.signal(signal.SIGKILL)
        # It may have been done already.
        self._ended(-signal.SIGKILL, 0)

    def kill_reloading_supervisor(self) -> None:
        victim = self.chance.choice(STEADY)
        before = self.monitor.count(victim)
        self.configure(victim)
        self.fleet.signal(signal.SIGHUP)
        self.monitor.wait_for(victim, agents.AGENT_STATE_DRAINING, PATIENCE, after=before)
        self.kill_supervisor()

    def kill_everything(self) -> None:
        for victim in self.candidates():
            os.kill(self.fleet.process_of(victim).pid, signal.SIGKILL)
            self.kills["agents"] += 1
        self.kill_supervisor()

    def _ended(self, *statuses: int) -> None:
        status = self.fleet.wait(PATIENCE)
        if status not in statuses:
            raise Broken(f"the supervisor ended with status {status}")
        self.monitor.close()
        self.client.close()
        left = still_alive(self._members, within=10) + FAMILY.leftovers()
        if left:
            raise Broken(f"the supervisor left {', '.join(map(str, left))} behind")

    @property
    def client(self) -> Client:
        if self._client is None:
            raise Broken("no supervisor was started")
        return self._client

    @property
    def monitor(self) -> Monitor:
        if self._monitor is None:
            raise Broken("no supervisor was started")
        return self._monitor

    # -- what is done to agents

    def candidates(self) -> list[str]:
        """The agents that may be killed and are no crash loop then."""
        served = [agent for agent in ON_DEMAND if self.monitor.starts(agent)]
        names = ["memory", *STEADY, SLEEPER, *served]
        return [name for name in names if self.failures[name] < MOST_FAILURES]

    def kill_agents(self, victims: Iterable[str]) -> None:
        """Kills some at once, and waits until all of them serve again."""
        began: dict[str, tuple[float, int]] = {}
        for victim in victims:
            before = self.monitor.starts(victim)
            began[victim] = (time.monotonic(), before)
            kill(self._process(victim))
            self.kills["agents"] += 1
            self.failures[victim] += 1
        for victim, (at, before) in began.items():
            self.monitor.wait_for_start(victim, before, PATIENCE)
            self.recovery.note(victim, at)

    def kill_some(self) -> None:
        candidates = self.candidates()
        count = min(len(candidates), self.chance.randint(1, 4))
        self.kill_agents(self.chance.sample(candidates, count))

    def kill_starting_agent(self) -> None:
        victim = self.chance.choice(STEADY)
        began, before = time.monotonic(), self.monitor.starts(victim)
        transitions = self.monitor.count(victim)
        kill(self._process(victim))
        self.monitor.wait_for(
            victim, agents.AGENT_STATE_STARTING, PATIENCE, after=transitions
        )
        kill(self._process(victim))
        self.kills["agents"] += 2
        self.failures[victim] += 2
        self.monitor.wait_for_start(victim, before, PATIENCE)
        self.recovery.note(f"{victim}, killed as it started", began)

    def kill_draining_agent(self) -> None:
        victim = self.chance.choice(STEADY)
        began, before = time.monotonic(), self.monitor.starts(victim)
        transitions = self.monitor.count(victim)
        process = self._process(victim)
        restart = self.client.supervisor.Restart.future(
            supervisor.RestartRequest(agent_id=victim), timeout=PATIENCE
        )
        self.monitor.wait_for(
            victim, agents.AGENT_STATE_DRAINING, PATIENCE, after=transitions
        )
        # It may have ended by itself.
        with suppress(ProcessLookupError):
            kill(process)
            self.kills["agents"] += 1
        restart.result()
        self.monitor.wait_for_start(victim, before, PATIENCE)
        self.recovery.note(f"{victim}, killed as it drained", began)

    def stop_for_a_while(self) -> None:
        """One does nothing while others are killed, and then goes on."""
        stopped = self.chance.choice(STEADY)
        process = self._process(stopped)
        os.kill(process.pid, signal.SIGSTOP)
        others = [name for name in self.candidates() if name != stopped]
        self.kill_agents(self.chance.sample(others, min(2, len(others))))
        os.kill(process.pid, signal.SIGCONT)

    def stop_for_good(self) -> None:
        if self.failures[SLEEPER] >= MOST_FAILURES:
            return
        before = self.monitor.starts(SLEEPER)
        began = time.monotonic()
        os.kill(self._process(SLEEPER).pid, signal.SIGSTOP)
        self.failures[SLEEPER] += 1
        self.monitor.wait_for_start(SLEEPER, before, PATIENCE)
        self.recovery.note(f"{SLEEPER}, which hung", began)

    def reload(self) -> None:
        """New settings for one agent restart that one; a file with a mistake changes nothing."""
        victim = self.chance.choice(STEADY)
        pids = self._pids()
        self.fleet.write_configuration(self.settings | {"agents": {victim: {"port": "many"}}})
        try:
            self.client.supervisor.Reload(supervisor.ReloadRequest(), timeout=PATIENCE)
            raise Broken("a configuration with a mistake was taken")
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.INVALID_ARGUMENT:
                raise
        if self._replaced(pids):
            raise Broken("a configuration with a mistake changed what runs")
        before = self.monitor.starts(victim)
        self.configure(victim)
        self.client.supervisor.Reload(supervisor.ReloadRequest(), timeout=PATIENCE)
        self.monitor.wait_for_start(victim, before, PATIENCE)
        if self._replaced(pids) != {victim}:
            raise Broken(f"new settings for {victim} restarted {self._replaced(pids)}")

    def configure(self, agent: str) -> None:
        """Writes a configuration in which one agent's settings are new."""
        environment = {"MISBEHAVING_ID": agent, "ROUND": str(self.chance.random())}
        both = self.settings["agents"]
        assert isinstance(both, dict)
        self.settings = {"agents": both | {agent: {"env": environment}}}
        self.fleet.write_configuration(self.settings)

    def drive_into_crash_loop(self) -> None:
        """Kills the martyr until the supervisor gives it up for a while: then callers are told."""
        self.client.supervisor.Start(supervisor.StartRequest(agent_id=MARTYR), timeout=PATIENCE)
        keep = agents.StartSessionRequest(session_id="martyrdom", prewarm=[MARTYR])
        self.client.agents.StartSession(keep, timeout=PATIENCE)
        for number in range(6):
            self.monitor.wait_for_start(MARTYR, number, PATIENCE)
            kill(self._process(MARTYR))
            self.kills["agents"] += 1
        self.monitor.wait_for(MARTYR, agents.AGENT_STATE_DEGRADED, PATIENCE)
        try:
            self.client.execute(MARTYR, "echo", {"text": "anyone?"})
            raise Broken("a degraded agent was called")
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.UNAVAILABLE or MARTYR not in error.details():
                raise

    def wait_for_resurrection(self) -> None:
        self.monitor.wait_for_start(MARTYR, 6, PATIENCE)
        self.client.execute(MARTYR, "echo", {"text": "I am back"})

    def stop_martyr(self) -> None:
        """Leaves it as it was while it was given up: without a process."""
        self.client.supervisor.Stop(supervisor.StopRequest(agent_id=MARTYR), timeout=PATIENCE)

    def call_everywhere(self, session: str) -> None:
        """Has the supervisor connected to every agent, and every agent to the supervisor."""
        names = (*STEADY, SLEEPER, *ON_DEMAND)
        for number, name in enumerate(names):
            asked = request(name, "echo", session=session)
            self.client.agents.Execute(asked, timeout=PATIENCE)
            with self.fleet.client(names[number - 1]) as neighbour:
                neighbour.agents.Execute(asked, timeout=PATIENCE)
        self.client.execute("memory", "list")

    def _process(self, agent: str) -> Process:
        status = self.client.supervisor.Status(supervisor.StatusRequest(), timeout=PATIENCE)
        pid = next(each.pid for each in status.agents if each.id == agent)
        process = Process.find(pid) if pid else None
        if process is None:
            raise Broken(f"{agent} has no process")
        return process

    def _pids(self) -> dict[str, int]:
        status = self.client.supervisor.Status(supervisor.StatusRequest(), timeout=PATIENCE)
        return {agent.id: agent.pid for agent in status.agents}

    def _replaced(self, pids: dict[str, int]) -> set[str]:
        """The agents whose process is another one by now."""
        now = self._pids()
        return {name for name, pid in pids.items() if pid and now[name] != pid}

    # -- what must be true

    def check(self) -> None:
        """What must be true once all that was killed has come back."""
        for name, port in [("supervisor", self.fleet.port), *self.fleet.ports.items()]:
            count = listeners(port)
            if count != 1:
                raise Broken(f"{count} sockets listen on the port of {name}")
        known = {pid for pid in self._pids().values() if pid}
        below = [each for each in everything() if each.parent == self.fleet.pid]
        zombies = [each for each in below if not each.is_alive()]
        strays = [each for each in below if each.is_alive() and each.pid not in known]
        # One that has just come or gone is known by now.
        if strays:
            known |= {pid for pid in self._pids().values() if pid}
            strays = [each for each in strays if each.is_alive() and each.pid not in known]
        zombies = [each for each in zombies if Process.find(each.pid) == each]
        orphans = FAMILY.leftovers()
        if zombies or strays or orphans:
            left = ", ".join(map(str, [*zombies, *strays, *orphans]))
            raise Broken(f"there are processes that should not be: {left}")
