"""Calls of grpc.testing.TestService as raw frames, its messages written by hand."""

from __future__ import annotations

from raw_client import RawClient
from raw_http2 import (
    Flag,
    Type,
    data,
    field_block,
    grpc_message,
    window_update,
)

SERVICE = "grpc.testing.TestService"
EMPTY_CALL = f"/{SERVICE}/EmptyCall"
UNARY_CALL = f"/{SERVICE}/UnaryCall"
# The server says nothing before the client has ended its side.
INPUT_CALL = f"/{SERVICE}/StreamingInputCall"
OUTPUT_CALL = f"/{SERVICE}/StreamingOutputCall"
DUPLEX_CALL = f"/{SERVICE}/FullDuplexCall"

OK = 0

Fields = list[tuple[str | bytes, str | bytes]]


def request_fields(path: str, /, **changes: str | None) -> Fields:
    """The fields of a gRPC request; a change to None leaves one out.

    Names are written without the colon of pseudo-headers, and with `_` for `-`.
    """
    fields: dict[str, str | None] = {
        ":method": "POST",
        ":scheme": "http",
        ":path": path,
        ":authority": "localhost",
        "te": "trailers",
        "content-type": "application/grpc",
    }
    for key, value in changes.items():
        name = key.replace("_", "-")
        fields[f":{name}" if f":{name}" in fields else name] = value
    return [(name, value) for name, value in fields.items() if value is not None]


def request_block(path: str, *more: tuple[str | bytes, str | bytes]) -> bytes:
    """The same as a block, with further fields behind."""
    return field_block(request_fields(path) + list(more))


def output_request(*sizes: int, carries: int = 0) -> bytes:
    """A StreamingOutputCallRequest for responses with so many bytes each, with a payload of its own."""
    parameters = (b"\x08" + _varint(size) for size in sizes)
    asks = b"".join(b"\x12" + _varint(len(each)) + each for each in parameters)
    if not carries:
        return asks
    payload = b"\x12" + _varint(carries) + bytes(carries)
    return asks + b"\x1a" + _varint(len(payload)) + payload


def call(peer: RawClient, path: str = EMPTY_CALL, message: bytes = b"") -> int:
    """Sends a call of one message; returns its stream."""
    return peer.request(request_fields(path), grpc_message(message))


def open_call(peer: RawClient, path: str = INPUT_CALL) -> int:
    """Begins a call and leaves the client's side open; returns its stream."""
    return peer.begin(request_fields(path))


def held_call(peer: RawClient) -> int:
    """A call whose client has ended its side, and whose server waits for the stream's window.

    The connection's window is opened, so that other calls are answered.
    """
    peer.generous = False
    peer.send(window_update(0, 1 << 20))
    stream = call(peer, OUTPUT_CALL, output_request(200_000))
    received = 0
    while received < 65_535:
        received += len(peer.wait_for(Type.DATA, stream=stream).payload)
    return stream


def finish(peer: RawClient, stream: int, message: bytes | None = None) -> None:
    """Ends the client's side, after a message where one is given."""
    body = b"" if message is None else grpc_message(message)
    peer.send(data(stream, body, Flag.END_STREAM))


def assert_serves(peer: RawClient) -> None:
    """The connection answers a call."""
    answer = peer.answer(call(peer))
    assert answer.reset is None, f"the call was reset: {answer.reset!r}"
    assert answer.grpc_status == OK, f"the call was answered with {answer}"


def _varint(value: int) -> bytes:
    """Protobuf's encoding of integers: seven bits a byte, the lowest first."""
    encoded = bytearray()
    while value >= 128:
        encoded.append(value & 127 | 128)
        value >>= 7
    return bytes(encoded + bytes([value]))
