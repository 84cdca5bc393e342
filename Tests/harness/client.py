"""A client of any address of the fleet, made of the generated stubs and nothing of ours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from harness import contracts

MIB = 1 << 20
# Above the contracts' limits, so that it is the server that refuses what is too large.
_LARGEST_MESSAGE = 64 * MIB

_CHANNEL_OPTIONS = [
    ("grpc.max_receive_message_length", _LARGEST_MESSAGE),
    ("grpc.max_send_message_length", _LARGEST_MESSAGE),
    # Channels of one process would share a connection otherwise.
    ("grpc.use_local_subchannel_pool", 1),
    # An agent is back within milliseconds; the defaults suit servers that are far away. The minimum
    # stays as it is: it is also the time that connecting may take, the wait in a backlog included.
    ("grpc.initial_reconnect_backoff_ms", 20),
    ("grpc.max_reconnect_backoff_ms", 200),
    # A failed call is a test's to judge.
    ("grpc.enable_retries", 0),
]


class Client:
    """Every service of the fleet over one connection."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.channel = grpc.insecure_channel(address, options=_CHANNEL_OPTIONS)
        self.agents = contracts.agents_grpc.AgentServiceStub(self.channel)
        self.metrics = contracts.metrics_grpc.MetricsStub(self.channel)
        self.memory = contracts.memory_grpc.MemoryStub(self.channel)
        self.rust_pro = contracts.rust_pro_grpc.RustProStub(self.channel)
        self.supervisor = contracts.supervisor_grpc.SupervisorStub(self.channel)
        self.health = health_pb2_grpc.HealthStub(self.channel)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.channel.close()

    def execute(
        self,
        agent: str,
        operation: str,
        arguments: dict[str, Any] | None = None,
        *,
        session: str = "",
        timeout: float = 30,
    ) -> dict[str, Any]:
        """Runs an operation that must succeed and returns its result."""
        response = self.agents.Execute(
            request(agent, operation, arguments, session=session), timeout=timeout
        )
        assert response.success, f"{agent}.{operation}: {response.error}"
        return json.loads(response.result_json)

    def stream(
        self,
        agent: str,
        operation: str,
        arguments: dict[str, Any] | None = None,
        *,
        session: str = "",
        timeout: float = 300,
    ) -> Iterator[contracts.agents.ExecuteStreamResponse]:
        """Runs an operation and returns its chunks as they come; the iterator can be cancelled."""
        return self.agents.ExecuteStream(
            request(agent, operation, arguments, session=session), timeout=timeout
        )

    def serving(self, service: str = "", timeout: float = 10) -> bool:
        """Whether grpc.health.v1 says SERVING."""
        answer = self.health.Check(
            health_pb2.HealthCheckRequest(service=service), timeout=timeout, wait_for_ready=True
        )
        return answer.status == health_pb2.HealthCheckResponse.SERVING

    def wait_until_serving(self, timeout: float = 30) -> None:
        """Watches grpc.health.v1 until it says SERVING; DEADLINE_EXCEEDED where it does not."""
        watch = self.health.Watch(
            health_pb2.HealthCheckRequest(), timeout=timeout, wait_for_ready=True
        )
        for answer in watch:
            if answer.status == health_pb2.HealthCheckResponse.SERVING:
                watch.cancel()
                return


def request(
    agent: str,
    operation: str,
    arguments: dict[str, Any] | None = None,
    *,
    session: str = "",
    timeout_ms: int = 0,
) -> contracts.agents.ExecuteRequest:
    """An ExecuteRequest with its arguments written as JSON."""
    return contracts.agents.ExecuteRequest(
        session_id=session,
        agent_id=agent,
        operation=operation,
        arguments_json=json.dumps(arguments or {}),
        timeout_ms=timeout_ms,
    )
