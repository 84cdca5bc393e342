"""An agent that misbehaves in a fleet that must not mind."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from typing import Any

import grpc

from harness.bystander import Bystander
from harness.cli import op_agents
from harness.client import request
from harness.contracts import agents, supervisor
from harness.fleet import Fleet
from harness.footprint import Footprint
from harness.metrics import scrape
from harness.processes import Process, zombies

AGENT = "misbehaving"
Event = supervisor.WatchEventsResponse

_STATES = {
    name.removeprefix("AGENT_STATE_").lower().replace("_", " "): number
    for name, number in agents.AgentState.items()
}


class Faulty:
    """The agent, its fleet with the memory agent as the one that nothing may happen to, and somebody who uses that."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        self.client = fleet.client()
        self.client.execute("memory", "list")
        self._memory = fleet.process_of("memory")
        self.supervisor = Footprint(fleet.pid)
        self._descriptors = self.supervisor.descriptors()
        self.bystander = Bystander(fleet.address, "memory", "list")
        self.bystander.__enter__()
        assert self.bystander.is_served(1)

    # -- calling it

    def execute(self, operation: str, timeout: float = 60, **arguments: Any) -> dict[str, Any]:
        """Runs an operation of it that must succeed."""
        return self.client.execute(AGENT, operation, arguments, timeout=timeout)

    @staticmethod
    def request(operation: str, arguments: dict[str, Any] | None = None) -> agents.ExecuteRequest:
        return request(AGENT, operation, arguments)

    def begin(self, operation: str, **arguments: Any) -> grpc.Future:
        """Begins a call, the end of which is looked at later."""
        return self.client.agents.Execute.future(self.request(operation, arguments), timeout=120)

    def process(self) -> Process:
        """Its process."""
        return self.fleet.process_of(AGENT)

    # -- what an operator does and sees

    def op_agents(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return op_agents(self.fleet, *arguments)

    def status(self) -> supervisor.AgentStatus:
        return self.fleet.status()[AGENT]

    def status_line(self) -> str:
        """What `op-agents status` says below its table about this agent; empty where nothing is wrong."""
        shown = self.op_agents("status").stdout
        return next((line for line in shown.splitlines() if line.startswith(f"{AGENT}: ")), "")

    def event(self, to: str, cause: str = "", *, after: int = 0) -> Event:
        """Waits for a transition to a state with a cause that contains the text."""
        return self.transition(lambda event: event.to == _STATES[to] and cause in event.cause, after)

    def transition(self, accepts: Callable[[Event], bool], after: int = 0) -> Event:
        """Waits for a transition."""
        seen = []
        for event in self.fleet.events(AGENT, after=after):
            if accepts(event):
                return event
            seen.append(f"{event.to}: {event.cause}")
        raise AssertionError(f"it did not come; there were {seen}")

    def is_back(self) -> None:
        """Waits until it serves again after a failure, and calls it."""
        failed = self.transition(lambda event: event.to == _STATES["backing off"])
        self.event("serving", after=failed.sequence)
        self.execute("echo", text="back")

    # -- the rest of the fleet

    def check_the_others(self) -> None:
        """The other agent was served all the while by the one process, and the supervisor has kept nothing of this one."""
        assert self.bystander.is_served(20), self.bystander.error
        assert self.fleet.process_of("memory").pid == self._memory.pid
        assert self.op_agents("stop", AGENT).returncode == 0
        shown = scrape(self.fleet.metrics_port)
        restarts = self.status().restarts
        assert shown.value("op_agents_restarts_total", agent=AGENT) == restarts
        assert shown.value("op_agents_up", agent=AGENT) == 0
        assert shown.value("op_agents_restarts_total", agent="memory") == 0
        assert shown.value("op_agents_up", agent="memory") == 1
        assert zombies(self.fleet.pid) == []
        left = [each.pid for each in self.fleet.processes() if each.parent == self.fleet.pid]
        assert left == [self._memory.pid], "the supervisor has children of an agent that is gone"
        # A connection that was closed by its other end may still be open here.
        assert self.supervisor.descriptors() <= self._descriptors + 8

    def close(self) -> None:
        self.bystander.__exit__()
        self.client.close()
