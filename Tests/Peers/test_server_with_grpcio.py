"""The gRPC interoperability tests: the transport's server, and grpcio's client.

https://github.com/grpc/grpc/blob/master/doc/interop-test-descriptions.md
"""

from __future__ import annotations

import queue
from collections.abc import Iterator

import grpc
import pytest
from interop import (
    INITIAL_KEY,
    LARGE_REQUEST,
    LARGE_RESPONSE,
    SPECIAL_MESSAGE,
    TRAILING_KEY,
    Empty,
    large_request,
    messages,
    output_request,
    payload,
    services,
)
from transport_peer import Server

Stub = services.TestServiceStub
CUSTOM_METADATA = ((INITIAL_KEY, "test_initial_metadata_value"), (TRAILING_KEY, b"\xab\xab\xab"))


class OpenRequests:
    """The requests of a stream, which go on until the test ends them."""

    def __init__(self, *first: object) -> None:
        self._queue: queue.SimpleQueue[object] = queue.SimpleQueue()
        for request in first:
            self.send(request)

    def send(self, request: object) -> None:
        self._queue.put(request)

    def end(self) -> None:
        self._queue.put(None)

    def __iter__(self) -> Iterator[object]:
        return iter(self._queue.get, None)


def sizes(responses: object) -> list[int]:
    return [len(response.payload.body) for response in responses]


def test_empty_unary(stub: Stub) -> None:
    assert stub.EmptyCall(Empty()) == Empty()


def test_large_unary(stub: Stub) -> None:
    assert stub.UnaryCall(large_request()).payload == payload(LARGE_RESPONSE)


def test_client_streaming(stub: Stub) -> None:
    requests = (
        messages.StreamingInputCallRequest(payload=payload(size))
        for size in (27182, 8, 1828, 45904)
    )
    assert stub.StreamingInputCall(requests).aggregated_payload_size == 74922


def test_server_streaming(stub: Stub) -> None:
    wanted = [31415, 9, 2653, 58979]
    assert sizes(stub.StreamingOutputCall(output_request(*wanted))) == wanted


def test_ping_pong(stub: Stub) -> None:
    requests = OpenRequests()
    responses = stub.FullDuplexCall(iter(requests))
    for size, carries in ((31415, 27182), (9, 8), (2653, 1828), (58979, 45904)):
        requests.send(output_request(size, carries=carries))
        assert next(responses).payload == payload(size)
    requests.end()
    assert sizes(responses) == []


def test_half_duplex(stub: Stub) -> None:
    requests = [output_request(31415), output_request(9, 2653), output_request(58979)]
    assert sizes(stub.HalfDuplexCall(iter(requests))) == [31415, 9, 2653, 58979]


def test_empty_stream(stub: Stub) -> None:
    assert sizes(stub.FullDuplexCall(iter(()))) == []


def test_custom_metadata_of_a_unary_call(stub: Stub) -> None:
    _, call = stub.UnaryCall.with_call(large_request(), metadata=CUSTOM_METADATA)
    assert CUSTOM_METADATA[0] in call.initial_metadata()
    assert CUSTOM_METADATA[1] in call.trailing_metadata()


def test_custom_metadata_of_a_full_duplex_call(stub: Stub) -> None:
    request = output_request(LARGE_RESPONSE, carries=LARGE_REQUEST)
    call = stub.FullDuplexCall(iter((request,)), metadata=CUSTOM_METADATA)
    assert sizes(call) == [LARGE_RESPONSE]
    assert CUSTOM_METADATA[0] in call.initial_metadata()
    assert CUSTOM_METADATA[1] in call.trailing_metadata()


@pytest.mark.parametrize(
    "code", [code for code in grpc.StatusCode if code is not grpc.StatusCode.OK], ids=str
)
def test_status_code_and_message(stub: Stub, code: grpc.StatusCode) -> None:
    status = messages.EchoStatus(code=code.value[0], message="test status message")
    with pytest.raises(grpc.RpcError) as unary:
        stub.UnaryCall(messages.SimpleRequest(response_status=status))
    request = messages.StreamingOutputCallRequest(response_status=status)
    with pytest.raises(grpc.RpcError) as streaming:
        sizes(stub.FullDuplexCall(iter((request,))))
    for error in (unary.value, streaming.value):
        assert (error.code(), error.details()) == (code, "test status message")


def test_special_status_message(stub: Stub) -> None:
    status = messages.EchoStatus(code=2, message=SPECIAL_MESSAGE)
    with pytest.raises(grpc.RpcError) as error:
        stub.UnaryCall(messages.SimpleRequest(response_status=status))
    assert error.value.code() is grpc.StatusCode.UNKNOWN
    assert error.value.details() == SPECIAL_MESSAGE


def test_unimplemented_method(stub: Stub) -> None:
    with pytest.raises(grpc.RpcError) as error:
        stub.UnimplementedCall(Empty())
    assert error.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_unimplemented_service(server: Server) -> None:
    with grpc.insecure_channel(server.address) as channel:
        with pytest.raises(grpc.RpcError) as error:
            services.UnimplementedServiceStub(channel).UnimplementedCall(Empty())
    assert error.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_cancel_after_begin(stub: Stub) -> None:
    requests = OpenRequests()
    call = stub.StreamingInputCall.future(iter(requests))
    call.cancel()
    requests.end()
    assert call.code() is grpc.StatusCode.CANCELLED


def test_cancel_after_first_response(stub: Stub) -> None:
    requests = OpenRequests(output_request(31415, carries=27182))
    responses = stub.FullDuplexCall(iter(requests))
    assert next(responses).payload == payload(31415)
    responses.cancel()
    requests.end()
    with pytest.raises(grpc.RpcError) as error:
        next(responses)
    assert error.value.code() is grpc.StatusCode.CANCELLED


def test_timeout_on_sleeping_server(stub: Stub) -> None:
    requests = OpenRequests(output_request(carries=27182))
    with pytest.raises(grpc.RpcError) as error:
        sizes(stub.FullDuplexCall(iter(requests), timeout=0.001))
    requests.end()
    assert error.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED


def test_many_large_calls_at_once(stub: Stub) -> None:
    calls = [stub.UnaryCall.future(large_request()) for _ in range(64)]
    assert all(call.result().payload == payload(LARGE_RESPONSE) for call in calls)


def test_request_over_the_limit() -> None:
    with Server("--maximum-message-size", 1000) as small, grpc.insecure_channel(
        small.address
    ) as channel:
        stub = services.TestServiceStub(channel)
        with pytest.raises(grpc.RpcError) as error:
            stub.UnaryCall(messages.SimpleRequest(payload=payload(1000)))
        assert error.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert "1000" in error.value.details()
        stub.UnaryCall(messages.SimpleRequest(payload=payload(900)))


def test_response_over_the_clients_limit(server: Server) -> None:
    limit = (("grpc.max_receive_message_length", 1000),)
    with grpc.insecure_channel(server.address, options=limit) as channel:
        stub = services.TestServiceStub(channel)
        with pytest.raises(grpc.RpcError) as error:
            stub.UnaryCall(messages.SimpleRequest(response_size=1000))
        assert error.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert len(stub.UnaryCall(messages.SimpleRequest(response_size=900)).payload.body) == 900


def test_unix_socket(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("socket") / "peer"
    with Server("--address", f"unix:{path}") as local, grpc.insecure_channel(
        local.address
    ) as channel:
        response = services.TestServiceStub(channel).UnaryCall(large_request())
    assert response.payload == payload(LARGE_RESPONSE)
