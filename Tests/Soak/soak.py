"""Kills agents and supervisors under load, and looks at what is left after each.

    soak.py [--lives 50] [--kills 1000] [--seconds S] [--seed N] [--programs DIRECTORY]

The supervisor is killed so many times, and meanwhile so many agents; no new life begins after so many
seconds. Then one supervisor lives on while its agents are killed, to see what that leaves in it. The
seed says which agents, when and how: the timing is the machine's. The last line has the figures;
exit status 0 only if nothing was lost, refused or left behind.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from harness.fleet import FleetFailed  # noqa: E402
from harness.footprint import KIB, MIB, Footprint, Held  # noqa: E402
from harness.load import WriteLoad  # noqa: E402
from harness.places import DEBUG_PROGRAMS  # noqa: E402

from agent_deeds import AgentDeeds  # noqa: E402
from load import Load  # noqa: E402
from subject import ON_DEMAND, SLEEPER, STEADY, Broken, Subject  # noqa: E402
from supervisor_deeds import SupervisorDeeds  # noqa: E402

SESSION = "soak"
WRITERS = 2
# What the supervisor may hold more of after its agents were killed again and again: the allocator gives
# no page back that anything else lives on.
GROWTH = 4 * MIB
_LOOKS = 10
_LOOK_INTERVAL = 0.05


class Soak:
    """A fleet under load, and what is done to it."""

    def __init__(self, options: argparse.Namespace, scratch: Path) -> None:
        self.options = options
        self.chance = random.Random(options.seed)
        self.subject = Subject(scratch, options.programs, self.chance)
        self.agents = AgentDeeds(self.subject)
        self.supervisor = SupervisorDeeds(self.subject)
        fleet = self.subject.fleet
        self.load = Load(
            fleet, session=SESSION, agents=[*STEADY, SLEEPER, *ON_DEMAND], seed=options.seed
        )
        self.writes: list[WriteLoad] = []
        self.growth: tuple[Held, Held] | None = None
        self.deeds: list[str] = []

    def run(self) -> None:
        until = time.monotonic() + self.options.seconds
        self.subject.start()
        self.load.start_session(self.subject.client, SESSION)
        self.load.start()
        self._write()
        kills = self.subject.kills
        while time.monotonic() < until and (
            kills["agents"] < self.options.kills or kills["supervisor"] < self.options.lives
        ):
            self._live(self.options.kills // self.options.lives)
        self._live_on()
        self._judge()

    def _live(self, kills: int) -> None:
        """Kills so many agents and then the supervisor, and starts another."""
        subject, agents, supervisor = self.subject, self.agents, self.supervisor
        wanted = subject.kills["agents"] + kills
        deeds = [
            *[agents.kill_some] * 6, *[agents.kill_starting_agent] * 3,
            *[agents.kill_draining_agent] * 3, *[agents.stop_for_a_while] * 3,
            *[agents.reload] * 2, agents.stop_for_good,
        ]
        while subject.kills["agents"] < wanted and len(subject.candidates()) > 3:
            self._do(self.chance.choice(deeds))
        self._do(
            self.chance.choice(
                [
                    supervisor.kill_supervisor, supervisor.kill_supervisor,
                    supervisor.kill_starting_supervisor, supervisor.kill_stopping_supervisor,
                    supervisor.kill_reloading_supervisor, supervisor.kill_everything,
                    supervisor.end_supervisor,
                ]
            ),
            checked=False,
        )
        self._do(subject.start)

    def _live_on(self) -> None:
        """Kills agents of one supervisor, and compares what it holds with what it held."""
        self._do(self.agents.drive_into_crash_loop)
        victims = ["memory", *STEADY, SLEEPER, *ON_DEMAND]
        self._do(lambda: self.agents.kill_agents(victims), name="kill all")
        before = self._held()
        self.load.start()
        self._write()
        for _ in range(3):
            self._do(lambda: self.agents.kill_agents(victims), name="kill all")
        self._do(self.agents.wait_for_resurrection)
        self._do(self.agents.stop_martyr)
        self.growth = before, self._held()

    def _held(self) -> Held:
        """What the supervisor holds when all agents are connected and nobody calls."""
        self.load.stop()
        self.writes[-1].stop()
        self.subject.call_everywhere(SESSION)
        own = Footprint(self.subject.fleet.pid)
        held = own.held()
        # Closed connections are closed at the other end too when that end comes to it.
        unchanged = 0
        while unchanged < _LOOKS:
            time.sleep(_LOOK_INTERVAL)
            now = own.held()
            unchanged = unchanged + 1 if now.descriptors == held.descriptors else 0
            held = now
        return held

    def _write(self) -> None:
        port = self.subject.fleet.ports["memory"]
        load = WriteLoad(port, writers=WRITERS, namespace=f"soak-{len(self.writes)}")
        self.writes.append(load.__enter__())

    def _do(
        self, deed: Callable[[], None], *, name: str = "", checked: bool = True
    ) -> None:
        name = name or deed.__name__.replace("_", " ")
        self.deeds.append(name)
        began = time.monotonic()
        deed()
        if checked:
            self.subject.check()
            wrong = self.load.sessions.wrong(self.subject.client)
            if wrong:
                raise Broken("; ".join(wrong))
        self._fail_early()
        if self.options.verbose:
            print(f"{time.monotonic() - began:7.3f} s  {name}", flush=True)

    def _fail_early(self) -> None:
        records = [load.record for load in self.writes]
        errors = [error for each in (self.load.tally, *records) for error in each.errors]
        refused = self.load.tally.refused + sum(record.refused for record in records)
        if errors or refused:
            raise Broken(f"{refused} connections were refused; {errors[:5]}")

    def _judge(self) -> None:
        for load in self.writes:
            load.stop()
        lost = [key for load in (self.load, *self.writes) for key in load.lost()]
        if lost:
            raise Broken(f"{len(lost)} acknowledged writes are lost, such as {lost[0]}")
        self._fail_early()
        assert self.growth is not None
        before, after = self.growth
        if after.descriptors > before.descriptors or after.threads > before.threads + 1:
            raise Broken(f"the supervisor held {before}, and then {after}")
        if after.memory - before.memory > GROWTH:
            raise Broken(f"the supervisor's memory grew from {before.memory} to {after.memory}")

    def figures(self) -> str:
        tally, kills = self.load.tally, self.subject.kills
        writes = sum(len(load.record.writes) for load in self.writes)
        repeated = sum(len(load.record.repeated) for load in self.writes)
        connections = sum(load.record.connections for load in self.writes)
        slowest = max((load.record.slowest_connect for load in self.writes), default=0.0)
        recovery = self.subject.recovery
        text = (
            f"seed {self.options.seed}: {kills['agents']} agents and "
            f"{kills['supervisor']} supervisors killed; "
            f"{tally.calls.total():,} calls and {tally.repeated.total():,} made again; "
            f"{writes:,} writes, {repeated} made again; "
            f"{connections + tally.connections:,} connections, slowest "
            f"{max(slowest, tally.slowest_connect):.2f} s; "
            f"slowest recovery {recovery.slowest:.2f} s ({recovery.what})"
        )
        if self.growth is not None:
            before, after = self.growth
            text += (
                f"; the supervisor grew by {(after.memory - before.memory) / KIB:+.0f} KiB, "
                f"{after.descriptors - before.descriptors:+} descriptors, "
                f"{after.threads - before.threads:+} threads"
            )
        return text

    def close(self) -> None:
        self.load.stop()
        for load in self.writes:
            load.stop()
        self.subject.fleet.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--lives", type=int, default=50, help="supervisors to kill; 50")
    parser.add_argument("--kills", type=int, default=1000, help="agents to kill meanwhile; 1000")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="when to stop that")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 31))
    parser.add_argument("--verbose", action="store_true", help="tell each deed")
    parser.add_argument(
        "--programs", type=Path, default=Path(os.environ.get("OP_AGENTS_PROGRAMS", DEBUG_PROGRAMS))
    )
    options = parser.parse_args()
    options.programs = options.programs.resolve()
    print(f"seed {options.seed}", flush=True)
    scratch = Path(tempfile.mkdtemp(prefix="op-agents-soak-"))
    soak = Soak(options, scratch)
    failure = ""
    try:
        soak.run()
    except Exception as error:  # Whatever it is, the fleet is closed and the figures are told.
        failure = f"{type(error).__name__}: {error}"
        traceback.print_exc()
        print(soak.subject.fleet.tail(60))
        print(f"the last deeds: {', '.join(soak.deeds[-12:])}")
    try:
        soak.close()
    except FleetFailed as error:
        failure = failure or str(error)
    if failure:
        print(failure)
    print(f"{int(not failure)} passed, {int(bool(failure))} failed; {soak.figures()}")
    if not failure:
        shutil.rmtree(scratch)
    return int(bool(failure))


if __name__ == "__main__":
    sys.exit(main())
