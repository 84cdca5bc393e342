"""The gRPC interoperability tests: the transport's client, and grpcio's server.

https://github.com/grpc/grpc/blob/master/doc/interop-test-descriptions.md
"""

from __future__ import annotations

from collections.abc import Iterator

import grpc
import grpcio_server
import pytest
from grpcio_server import TestService
from harness.ports import free_ports
from interop import LARGE_RESPONSE
from transport_peer import PATIENCE, call, calling, outcomes

OK = grpc.StatusCode.OK.value[0]
DEADLINE_EXCEEDED = grpc.StatusCode.DEADLINE_EXCEEDED.value[0]
RESOURCE_EXHAUSTED = grpc.StatusCode.RESOURCE_EXHAUSTED.value[0]
UNAVAILABLE = grpc.StatusCode.UNAVAILABLE.value[0]

CASES = (
    "empty_unary",
    "large_unary",
    "client_streaming",
    "server_streaming",
    "ping_pong",
    "empty_stream",
    "custom_metadata",
    "status_code_and_message",
    "special_status_message",
    "unimplemented_method",
    "unimplemented_service",
    "timeout_on_sleeping_server",
    "cancel_after_begin",
    "cancel_after_first_response",
)


@pytest.fixture
def service() -> TestService:
    return TestService()


@pytest.fixture
def address(service: TestService) -> Iterator[str]:
    with grpcio_server.serving(service) as listening:
        yield listening


@pytest.mark.parametrize("case", CASES)
def test_case(address: str, case: str) -> None:
    call(case, address)


def test_cancellation_reaches_the_handler(service: TestService, address: str) -> None:
    # The other case may end before the server has heard of the call.
    call("cancel_after_first_response", address)
    assert service.was_cancelled.wait(PATIENCE)


def test_many_large_calls_at_once(address: str) -> None:
    made = outcomes(address, "--calls", 0, "--at-once", 64)
    assert [(each.status, each.size) for each in made] == [(OK, LARGE_RESPONSE)] * 64


def test_timeout_reaches_the_handler(service: TestService, address: str) -> None:
    [outcome] = outcomes(address, "--timeout", "30s")
    assert outcome.status == OK
    assert 0 < service.time_remaining <= 30


def test_timeout_ends_the_call_on_both_sides(service: TestService, address: str) -> None:
    service.holds_unary_calls = True
    [outcome] = outcomes(address, "--timeout", "100ms")
    assert outcome.status == DEADLINE_EXCEEDED
    assert service.was_cancelled.wait(PATIENCE)


def test_request_over_the_servers_limit() -> None:
    limit = {"grpc.max_receive_message_length": 1000}
    with grpcio_server.serving(TestService(), **limit) as address:
        [outcome] = outcomes(address)
    assert outcome.status == RESOURCE_EXHAUSTED


@pytest.mark.parametrize("option", ("--maximum-message-size", "--max-response-message-bytes"))
def test_response_over_the_limit(address: str, option: str) -> None:
    [outcome] = outcomes(address, option, 1000)
    assert outcome.status == RESOURCE_EXHAUSTED
    assert "the limit is 1000" in outcome.message


def test_call_waits_until_the_server_is_there() -> None:
    [port] = free_ports(1)
    address = f"127.0.0.1:{port}"
    with calling(address, "--wait-for-ready", "true") as made:
        with grpcio_server.serving(TestService(), address):
            assert next(made).status == OK


def test_call_does_not_wait_unless_told() -> None:
    [port] = free_ports(1)
    [outcome] = outcomes(f"127.0.0.1:{port}")
    assert outcome.status == UNAVAILABLE
    assert f"cannot connect to 127.0.0.1:{port}" in outcome.message


def test_unix_socket(tmp_path_factory: pytest.TempPathFactory) -> None:
    address = f"unix:{tmp_path_factory.mktemp('socket') / 'peer'}"
    with grpcio_server.serving(TestService(), address):
        call("large_unary", address)
