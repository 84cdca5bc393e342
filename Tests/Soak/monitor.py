"""What the supervisor says of its agents, from its own list of events."""

from __future__ import annotations

import threading
import time

import grpc

from harness.client import Client
from harness.contracts import agents, supervisor

_SERVING = agents.AGENT_STATE_SERVING
_FOR_EVER = 24 * 3600.0


class NotSeen(Exception):
    """The supervisor did not report in time what it should have."""


class Monitor:
    """Follows the events of one supervisor, from its first to its end."""

    def __init__(self, client: Client) -> None:
        self._changed = threading.Condition()
        self._states: dict[str, list[int]] = {}
        watch = supervisor.WatchEventsRequest()
        self._events = client.supervisor.WatchEvents(
            watch, timeout=_FOR_EVER, wait_for_ready=True
        )
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._events.cancel()
        self._thread.join()

    def starts(self, agent: str) -> int:
        """How often it came to serve."""
        with self._changed:
            return self._states.get(agent, []).count(_SERVING)

    def count(self, agent: str) -> int:
        """How many transitions it had."""
        with self._changed:
            return len(self._states.get(agent, []))

    def wait_for_start(self, agent: str, after: int, within: float) -> None:
        """Waits until it has come to serve more often than that, and does."""

        def serves(states: list[int]) -> bool:
            return states.count(_SERVING) > after and states[-1] == _SERVING

        self._wait(agent, serves, within, "come to serve")

    def wait_for(self, agent: str, state: int, within: float, *, after: int = 0) -> None:
        """Waits until it gets into a state, its first so many transitions left out."""
        name = agents.AgentState.Name(state)
        self._wait(agent, lambda states: state in states[after:], within, f"become {name}")

    def _wait(self, agent: str, seen: object, within: float, what: str) -> None:
        deadline = time.monotonic() + within
        with self._changed:
            if not self._changed.wait_for(
                lambda: seen(self._states.get(agent, [])), deadline - time.monotonic()
            ):
                names = [agents.AgentState.Name(each) for each in self._states.get(agent, [])]
                raise NotSeen(f"{agent} did not {what} within {within} s; it was {names[-8:]}")

    def _follow(self) -> None:
        try:
            for event in self._events:
                with self._changed:
                    self._states.setdefault(event.agent_id, []).append(event.to)
                    self._changed.notify_all()
        except grpc.RpcError:
            # The supervisor ended; who waits for more of it fails in time.
            pass
