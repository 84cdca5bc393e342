"""The fleet that is soaked, and what must be true of it whenever it has recovered."""

from __future__ import annotations

import random
import time
from collections import Counter
from pathlib import Path

from harness.client import Client, request
from harness.contracts import supervisor
from harness.fleet import Fleet
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

    def wait_for_end(self, members: list[Process], *statuses: int) -> None:
        """Waits until the supervisor has ended so, and sees that nothing of its is left."""
        status = self.fleet.wait(PATIENCE)
        if status not in statuses:
            raise Broken(f"the supervisor ended with status {status}")
        self.monitor.close()
        self.client.close()
        left = still_alive(members, within=10) + FAMILY.leftovers()
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

    # -- its agents

    def candidates(self) -> list[str]:
        """The agents that may be killed once and are no crash loop then."""
        served = [agent for agent in ON_DEMAND if self.monitor.starts(agent)]
        names = ["memory", *STEADY, SLEEPER, *served]
        return [name for name in names if self.failures[name] < MOST_FAILURES]

    def process(self, agent: str) -> Process:
        pid = self.pids()[agent]
        process = Process.find(pid) if pid else None
        if process is None:
            raise Broken(f"{agent} has no process")
        return process

    def pids(self) -> dict[str, int]:
        status = self.client.supervisor.Status(supervisor.StatusRequest(), timeout=PATIENCE)
        return {agent.id: agent.pid for agent in status.agents}

    def replaced(self, pids: dict[str, int]) -> set[str]:
        """The agents whose process is another one by now."""
        now = self.pids()
        return {name for name, pid in pids.items() if pid and now[name] != pid}

    def configure(self, agent: str) -> None:
        """Writes a configuration in which one agent's settings are new."""
        environment = {"MISBEHAVING_ID": agent, "ROUND": str(self.chance.random())}
        both = self.settings["agents"]
        assert isinstance(both, dict)
        self.settings = {"agents": both | {agent: {"env": environment}}}
        self.fleet.write_configuration(self.settings)

    def call_everywhere(self, session: str) -> None:
        """Has the supervisor connected to every agent, and every agent to the supervisor."""
        names = (*STEADY, SLEEPER, *ON_DEMAND)
        for number, name in enumerate(names):
            asked = request(name, "echo", session=session)
            self.client.agents.Execute(asked, timeout=PATIENCE)
            with self.fleet.client(names[number - 1]) as neighbour:
                neighbour.agents.Execute(asked, timeout=PATIENCE)
        self.client.execute("memory", "list")

    # -- what must be true

    def check(self) -> None:
        """What must be true once all that was killed has come back."""
        for name, port in [("supervisor", self.fleet.port), *self.fleet.ports.items()]:
            count = listeners(port)
            if count != 1:
                raise Broken(f"{count} sockets listen on the port of {name}")
        known = {pid for pid in self.pids().values() if pid}
        below = [each for each in everything() if each.parent == self.fleet.pid]
        zombies = [each for each in below if not each.is_alive()]
        strays = [each for each in below if each.is_alive() and each.pid not in known]
        # One that has just come or gone is known by now.
        if strays:
            known |= {pid for pid in self.pids().values() if pid}
            strays = [each for each in strays if each.is_alive() and each.pid not in known]
        zombies = [each for each in zombies if Process.find(each.pid) == each]
        orphans = FAMILY.leftovers()
        if zombies or strays or orphans:
            left = ", ".join(map(str, [*zombies, *strays, *orphans]))
            raise Broken(f"there are processes that should not be: {left}")
