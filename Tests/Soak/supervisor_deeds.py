"""What is done to the supervisor of a fleet that is soaked."""

from __future__ import annotations

import os
import signal

from harness.contracts import agents
from subject import PATIENCE, STEADY, Broken, Subject


class SupervisorDeeds:
    """Ends the supervisor in one way or another; `Subject.start` begins its next life."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject

    def kill_supervisor(self) -> None:
        self.subject.kills["supervisor"] += 1
        members = self.subject.fleet.processes()
        self.subject.fleet.signal(signal.SIGKILL)
        self.subject.wait_for_end(members, -signal.SIGKILL)

    def end_supervisor(self) -> None:
        members = self.subject.fleet.processes()
        self.subject.fleet.signal(signal.SIGTERM)
        self.subject.wait_for_end(members, 0)

    def kill_starting_supervisor(self) -> None:
        """Kills one that has just begun to start agents."""
        self.kill_supervisor()
        self.subject.start(ready=False)
        agent = self.subject.chance.choice(STEADY)
        self.subject.monitor.wait_for(agent, agents.AGENT_STATE_STARTING, PATIENCE)
        self.kill_supervisor()

    def kill_stopping_supervisor(self) -> None:
        members = self.subject.fleet.processes()
        notify = self.subject.fleet.notify
        self.subject.fleet.signal(signal.SIGTERM)
        assert notify is not None
        if notify.wait(lambda said: "STOPPING" in said.fields, PATIENCE) is None:
            raise Broken("the supervisor did not say STOPPING=1")
        self.subject.kills["supervisor"] += 1
        self.subject.fleet.signal(signal.SIGKILL)
        # It may have been done already.
        self.subject.wait_for_end(members, -signal.SIGKILL, 0)

    def kill_reloading_supervisor(self) -> None:
        victim = self.subject.chance.choice(STEADY)
        before = self.subject.monitor.count(victim)
        self.subject.configure(victim)
        self.subject.fleet.signal(signal.SIGHUP)
        self.subject.monitor.wait_for(victim, agents.AGENT_STATE_DRAINING, PATIENCE, after=before)
        self.kill_supervisor()

    def kill_everything(self) -> None:
        for victim in self.subject.candidates():
            os.kill(self.subject.process(victim).pid, signal.SIGKILL)
            self.subject.kills["agents"] += 1
        self.kill_supervisor()
