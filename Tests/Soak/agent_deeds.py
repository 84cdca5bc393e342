"""What is done to the agents of a fleet that is soaked."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterable
from contextlib import suppress

import grpc

from harness.contracts import agents, supervisor
from harness.load import kill
from subject import MARTYR, MOST_FAILURES, PATIENCE, SLEEPER, STEADY, Broken, Subject


class AgentDeeds:
    """Kills, stops and changes agents; each deed is over when they serve again."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject

    def kill_agents(self, victims: Iterable[str]) -> None:
        """Kills some at once, and waits until all of them serve again."""
        began: dict[str, tuple[float, int]] = {}
        for victim in victims:
            before = self.subject.monitor.starts(victim)
            began[victim] = (time.monotonic(), before)
            kill(self.subject.process(victim))
            self.subject.kills["agents"] += 1
            self.subject.failures[victim] += 1
        for victim, (at, before) in began.items():
            self.subject.monitor.wait_for_start(victim, before, PATIENCE)
            self.subject.recovery.note(victim, at)

    def kill_some(self) -> None:
        candidates = self.subject.candidates()
        count = min(len(candidates), self.subject.chance.randint(1, 4))
        self.kill_agents(self.subject.chance.sample(candidates, count))

    def kill_starting_agent(self) -> None:
        failures = self.subject.failures
        candidates = [name for name in STEADY if failures[name] + 2 <= MOST_FAILURES]
        if not candidates:
            return
        victim = self.subject.chance.choice(candidates)
        began, before = time.monotonic(), self.subject.monitor.starts(victim)
        transitions = self.subject.monitor.count(victim)
        kill(self.subject.process(victim))
        self.subject.monitor.wait_for(
            victim, agents.AGENT_STATE_STARTING, PATIENCE, after=transitions
        )
        kill(self.subject.process(victim))
        self.subject.kills["agents"] += 2
        failures[victim] += 2
        self.subject.monitor.wait_for_start(victim, before, PATIENCE)
        self.subject.recovery.note(f"{victim}, killed as it started", began)

    def kill_draining_agent(self) -> None:
        victim = self.subject.chance.choice(STEADY)
        began, before = time.monotonic(), self.subject.monitor.starts(victim)
        transitions = self.subject.monitor.count(victim)
        process = self.subject.process(victim)
        restart = self.subject.client.supervisor.Restart.future(
            supervisor.RestartRequest(agent_id=victim), timeout=PATIENCE
        )
        self.subject.monitor.wait_for(
            victim, agents.AGENT_STATE_DRAINING, PATIENCE, after=transitions
        )
        # It may have ended by itself.
        with suppress(ProcessLookupError):
            kill(process)
            self.subject.kills["agents"] += 1
        restart.result()
        self.subject.monitor.wait_for_start(victim, before, PATIENCE)
        self.subject.recovery.note(f"{victim}, killed as it drained", began)

    def stop_for_a_while(self) -> None:
        """One does nothing while others are killed, and then goes on."""
        stopped = self.subject.chance.choice(STEADY)
        process = self.subject.process(stopped)
        os.kill(process.pid, signal.SIGSTOP)
        others = [name for name in self.subject.candidates() if name != stopped]
        self.kill_agents(self.subject.chance.sample(others, min(2, len(others))))
        os.kill(process.pid, signal.SIGCONT)

    def stop_for_good(self) -> None:
        if self.subject.failures[SLEEPER] >= MOST_FAILURES:
            return
        before = self.subject.monitor.starts(SLEEPER)
        began = time.monotonic()
        os.kill(self.subject.process(SLEEPER).pid, signal.SIGSTOP)
        self.subject.failures[SLEEPER] += 1
        self.subject.monitor.wait_for_start(SLEEPER, before, PATIENCE)
        self.subject.recovery.note(f"{SLEEPER}, which hung", began)

    def reload(self) -> None:
        """New settings for one agent restart that one; a file with a mistake changes nothing."""
        victim = self.subject.chance.choice(STEADY)
        pids = self.subject.pids()
        self.subject.fleet.write_configuration(self.subject.settings | {"agents": {victim: {"port": "many"}}})
        try:
            self.subject.client.supervisor.Reload(supervisor.ReloadRequest(), timeout=PATIENCE)
            raise Broken("a configuration with a mistake was taken")
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.INVALID_ARGUMENT:
                raise
        if self.subject.replaced(pids):
            raise Broken("a configuration with a mistake changed what runs")
        before = self.subject.monitor.starts(victim)
        self.subject.configure(victim)
        self.subject.client.supervisor.Reload(supervisor.ReloadRequest(), timeout=PATIENCE)
        self.subject.monitor.wait_for_start(victim, before, PATIENCE)
        if self.subject.replaced(pids) != {victim}:
            raise Broken(f"new settings for {victim} restarted {self.subject.replaced(pids)}")

    def drive_into_crash_loop(self) -> None:
        """Kills the martyr until the supervisor gives it up for a while: then callers are told."""
        self.subject.client.supervisor.Start(supervisor.StartRequest(agent_id=MARTYR), timeout=PATIENCE)
        keep = agents.StartSessionRequest(session_id="martyrdom", prewarm=[MARTYR])
        self.subject.client.agents.StartSession(keep, timeout=PATIENCE)
        for number in range(6):
            self.subject.monitor.wait_for_start(MARTYR, number, PATIENCE)
            kill(self.subject.process(MARTYR))
            self.subject.kills["agents"] += 1
        self.subject.monitor.wait_for(MARTYR, agents.AGENT_STATE_DEGRADED, PATIENCE)
        try:
            self.subject.client.execute(MARTYR, "echo", {"text": "anyone?"})
            raise Broken("a degraded agent was called")
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.UNAVAILABLE or MARTYR not in error.details():
                raise

    def wait_for_resurrection(self) -> None:
        self.subject.monitor.wait_for_start(MARTYR, 6, PATIENCE)
        self.subject.client.execute(MARTYR, "echo", {"text": "I am back"})

    def stop_martyr(self) -> None:
        """Leaves it as it was while it was given up: without a process."""
        self.subject.client.supervisor.Stop(supervisor.StopRequest(agent_id=MARTYR), timeout=PATIENCE)
