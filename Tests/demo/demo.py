"""Plays what a fleet can do, on a real one, and measures it.

    demo.py --programs DIRECTORY

Everything happens in a scratch directory and on free ports. Exit status 0 only if every step did
what it says.
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import grpc

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from harness.client import Client, request  # noqa: E402
from harness.contracts import agents  # noqa: E402
from harness.fleet import Fleet, FleetFailed, clean_environment  # noqa: E402
from harness.load import Kill, LoadFailed, Record, WriteLoad, kill  # noqa: E402
from harness.places import CRATES  # noqa: E402
from harness.processes import FAMILY, Process, still_alive  # noqa: E402

from transcript import Transcript  # noqa: E402

SESSION = "demo"
WRITERS = 4
WRITES_BEFORE_THE_KILL = 1000
WRITES_AFTER_THE_KILL = 1000
PATIENCE = 60.0
CARGO_PATIENCE = 600.0
BAR_SECONDS = 0.01
BARS_BEFORE, BARS_AFTER = 20, 60


class Unkept(Exception):
    """A step did not do what it says."""


def expect(holds: bool, what: str) -> None:
    if not holds:
        raise Unkept(what)


class Demo:
    """The steps, in order, on one fleet."""

    def __init__(self, fleet: Fleet, out: Transcript) -> None:
        self.fleet = fleet
        self.out = out
        self._steps = 0

    def play(self) -> None:
        self.start()
        with self.fleet.client() as client:
            self.open_session(client)
            self.remember_and_recall(client)
            self.build_and_test(client)
            self.survive_a_kill(client)
            self.show_status()
            self.end_session(client)
        self.stop()

    def step(self, text: str) -> None:
        self._steps += 1
        self.out.step(self._steps, text)

    # -- the steps

    def start(self) -> None:
        self.step("op-supervisor starts, and says READY=1 when its agents serve")
        began = time.monotonic()
        self.fleet.start()
        self.out.fact("ready after", milliseconds(time.monotonic() - began))
        self.out.fact("supervisor", f"{self.fleet.address}, pid {self.fleet.pid}")
        for agent, status in self.fleet.status().items():
            where = f"{status.address}, pid {status.pid}"
            warm = f"served {status.spawn_to_serving_us / 1000:.0f} ms after its spawn"
            self.out.fact(agent, f"{where}, {warm}")

    def open_session(self, client: Client) -> None:
        self.step("StartSession names the agents that are warm")
        began = time.monotonic()
        answer = client.agents.StartSession(
            agents.StartSessionRequest(session_id=SESSION, client_name="op-agents demo"),
            timeout=PATIENCE,
        )
        took = time.monotonic() - began
        warm = sorted(answer.started_agents)
        expect(answer.session_id == SESSION, f"the session is called {answer.session_id}")
        expect(warm == ["memory", "rust_pro"], f"only {warm} are warm")
        self.out.fact("warm", ", ".join(warm))
        self.out.kept(f"session “{SESSION}” is open, {milliseconds(took)}")

    def remember_and_recall(self, client: Client) -> None:
        self.step("Three remember and a recall, in one BatchExecute")
        things = {"colour": "blue", "greeting": "Grüß Gott", "list": "milk, eggs, a gRPC fleet"}
        requests = [
            request("memory", "remember", {"key": key, "value": value, "namespace": "demo"})
            for key, value in things.items()
        ]
        requests.append(request("memory", "recall", {"key": "greeting", "namespace": "demo"}))
        began = time.monotonic()
        indices = []
        for answer in client.agents.BatchExecute(
            agents.BatchExecuteRequest(session_id=SESSION, requests=requests), timeout=PATIENCE
        ):
            expect(answer.WhichOneof("outcome") == "result", f"request {answer.index} failed: {answer}")
            expect(answer.result.success, f"request {answer.index} failed: {answer.result.error}")
            result = json.loads(answer.result.result_json)
            inside = f"{answer.result.execution_time_us} µs in the agent"
            self.out.fact(f"{answer.index}  {answer.result.operation}", f"{result['summary']}  ({inside})")
            indices.append(answer.index)
        took = time.monotonic() - began
        expect(indices == [0, 1, 2, 3], f"the answers came as {indices}")
        expect(result["value"] == things["greeting"], f"recall returned {result}")
        self.out.kept(f"all four, in order, over one stream, {milliseconds(took)}")

    def build_and_test(self, client: Client) -> None:
        crate = self.fleet.copy_crate(CRATES / "greeter")
        self.step("cargo build of a small crate, streamed while cargo works")
        result = self._stream(client, "build", crate, needed={agents.STREAM_TYPE_STDERR})
        expect(result["errors"] == 0, f"the build had errors: {result}")
        self.step("cargo test of it, standard output and standard error apart")
        result = self._stream(
            client, "test", crate, needed={agents.STREAM_TYPE_STDOUT, agents.STREAM_TYPE_STDERR}
        )
        expect(result["passed"] > 0 and result["failed"] == 0, f"the tests: {result}")
        self.out.kept(
            f"{result['passed']} tests passed, {result['failed']} failed, {result['ignored']} ignored"
        )

    def _stream(self, client: Client, operation: str, crate: Path, needed: set[int]) -> dict:
        names = {agents.STREAM_TYPE_STDOUT: "out", agents.STREAM_TYPE_STDERR: "err"}
        began = time.monotonic()
        arrivals: list[float] = []
        seen: set[int] = set()
        final = None
        for chunk in client.stream(
            "rust_pro", operation, {"path": str(crate)}, session=SESSION, timeout=CARGO_PATIENCE
        ):
            at = time.monotonic() - began
            expect(final is None, "a chunk followed the final one")
            expect(chunk.sequence == len(arrivals), f"chunk {chunk.sequence} came as {len(arrivals)}")
            arrivals.append(at)
            seen.add(chunk.stream_type)
            if chunk.is_final:
                final = chunk
            else:
                text = chunk.content.rstrip().replace(str(crate), crate.name)
                # The empty lines between the groups of libtest say nothing here.
                if text:
                    self.out.line(at, names.get(chunk.stream_type, "···"), text)
        expect(final is not None, f"cargo {operation} ended without a final chunk")
        result = json.loads(final.result_json)
        expect(final.success and final.exit_code == 0, f"cargo {operation}: {result}")
        missing = [agents.StreamType.Name(each) for each in needed - seen]
        expect(not missing, f"no line came on {missing}")
        # A stream that is written when cargo has ended is no stream.
        early = arrivals[-1] - arrivals[0]
        expect(early > 0.05, f"the first line came only {milliseconds(early)} before the result")
        self.out.kept(
            f"exit code {final.exit_code}; first line after {milliseconds(arrivals[0])}, "
            f"result after {milliseconds(arrivals[-1])}: {result['summary']}"
        )
        return result

    def survive_a_kill(self, client: Client) -> None:
        self.step("SIGKILL of the memory agent in the middle of a stream of remember calls")
        victim = self.fleet.process_of("memory")
        port = self.fleet.ports["memory"]
        with WriteLoad(port, writers=WRITERS, namespace="kill") as load:
            load.wait_for_writes(WRITES_BEFORE_THE_KILL, PATIENCE)
            killed = kill(victim)
            load.wait_for_writes(WRITES_AFTER_THE_KILL, PATIENCE, begun_after=killed.ended)
            record = load.stop()
        lost = load.lost()
        successor = self.fleet.process_of("memory")
        expect(successor.pid != victim.pid, "memory has the pid of the process that was killed")
        self._report_kill(victim, successor, killed, record, lost)
        expect(record.refused == 0, f"{record.refused} connections were refused")
        expect(not lost, f"{len(lost)} acknowledged writes are lost, {lost[:3]} among them")
        self.out.kept("nobody was refused, nothing acknowledged was lost")

    def _report_kill(
        self, victim: Process, successor: Process, killed: Kill, record: Record, lost: list[str]
    ) -> None:
        again = min(
            write.acknowledged for write in record.writes if write.began > killed.ended
        )
        counts = [0] * (BARS_BEFORE + BARS_AFTER)
        for write in record.writes:
            bar = int((write.acknowledged - killed.sent) / BAR_SECONDS // 1) + BARS_BEFORE
            if 0 <= bar < len(counts):
                counts[bar] += 1
        cut_off = f"{len(record.repeated)} calls were cut off and made again"
        self.out.fact("acknowledged writes", f"{len(record.writes)} by {WRITERS} writers; {cut_off}")
        self.out.fact(f"in each {BAR_SECONDS * 1000:.0f} ms", self.out.bars(counts))
        self.out.fact("", " " * BARS_BEFORE + f"↑ SIGKILL to pid {victim.pid}")
        self.out.fact("refused connections", f"{record.refused} of {record.connections}")
        self.out.fact("lost writes", f"{len(lost)} of {len(record.writes)} acknowledged")
        self.out.fact("served again after", f"{milliseconds(again - killed.sent)}, pid {successor.pid}")

    def show_status(self) -> None:
        self.step("op-agents status")
        shown = subprocess.run(
            [self.fleet.programs / "op-agents", "status", "--address", self.fleet.address],
            stdout=subprocess.PIPE,
            text=True,
            timeout=PATIENCE,
            env=clean_environment(),
        )
        self.out.block(shown.stdout)
        expect(shown.returncode == 0, f"op-agents status ended with {shown.returncode}")
        missing = [agent for agent in self.fleet.ports if agent not in shown.stdout]
        expect(not missing, f"the table lacks {missing}")

    def end_session(self, client: Client) -> None:
        self.step("EndSession")
        client.agents.EndSession(agents.EndSessionRequest(session_id=SESSION), timeout=PATIENCE)
        try:
            client.execute("memory", "list", session=SESSION)
        except grpc.RpcError as error:
            expect(error.code() == grpc.StatusCode.NOT_FOUND, f"a call in it ended with {error.code()}")
        else:
            raise Unkept("a call in the ended session was served")
        self.out.kept("the session is over: a call in it is NOT_FOUND")

    def stop(self) -> None:
        self.step("SIGTERM: a clean stop")
        members = self.fleet.processes()
        began = time.monotonic()
        status = self.fleet.stop(PATIENCE)
        took = time.monotonic() - began
        left = still_alive(members, within=0) + FAMILY.leftovers()
        self.out.fact("exit status", f"{status}, after {milliseconds(took)}")
        self.out.fact("processes left", f"{len(left)} of {len(members) + 1}")
        expect(status == 0, f"op-supervisor ended with {status}:\n{self.fleet.tail()}")
        expect(not left, f"processes are left: {', '.join(map(str, left))}")


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"


def attempt(work: Callable[[], None], out: Transcript) -> bool:
    """Runs the demo and says in a sentence what failed, if something did."""
    try:
        work()
        return True
    except (Unkept, FleetFailed, LoadFailed, TimeoutError, subprocess.TimeoutExpired) as failure:
        out.broken(str(failure))
    except grpc.RpcError as failure:
        out.broken(f"a call ended with {failure.code()}: {failure.details()}")
    except KeyboardInterrupt:
        out.broken("interrupted")
    return False


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--programs", type=Path, required=True, help="where op-supervisor is")
    options = parser.parse_args()
    # An end that is asked for cleans up as well.
    signal.signal(signal.SIGTERM, signal.default_int_handler)

    out = Transcript()
    out.title("op-agents: agents as processes, warm, streaming, and back before anyone notices")
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="op-agents-demo-") as scratch:
        out.note(f"scratch directory {scratch}; a client that grpcio-tools generated from proto/")
        fleet = Fleet(Path(scratch), options.programs.resolve())
        succeeded = attempt(Demo(fleet, out).play, out)
        if not succeeded:
            out.note("the last lines of op-supervisor:")
            out.block(fleet.tail(20))
        succeeded = attempt(fleet.close, out) and succeeded
    print()
    if succeeded:
        out.title(f"Everything did what it says, in {time.monotonic() - began:.1f} s.")
    return 0 if succeeded else 1


if __name__ == "__main__":
    sys.exit(main())
