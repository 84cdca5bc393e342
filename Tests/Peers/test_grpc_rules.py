"""gRPC's own rules on the wire (gRPC over HTTP/2; gRPC, "Status codes and their use"): what a server answers
to requests that HTTP/2 has nothing against."""

from __future__ import annotations

import pytest
from grpc import StatusCode

from calls import (
    DUPLEX_CALL,
    EMPTY_CALL,
    INPUT_CALL,
    SERVICE,
    assert_serves,
    request_fields,
)
from raw_client import RawClient
from raw_http2 import Answer, grpc_message
from transport_peer import Server

OK, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, UNIMPLEMENTED, INTERNAL = (
    code.value[0]
    for code in (
        StatusCode.OK,
        StatusCode.DEADLINE_EXCEEDED,
        StatusCode.RESOURCE_EXHAUSTED,
        StatusCode.UNIMPLEMENTED,
        StatusCode.INTERNAL,
    )
)
MESSAGE = grpc_message()
DEFAULT_MESSAGE_LIMIT = 4 << 20


def answer(
    server: Server, path: str = EMPTY_CALL, body: bytes | None = MESSAGE, **changes: str | None
) -> Answer:
    """What is answered to one request; the next on the same connection is answered well."""
    with RawClient(server.endpoint) as peer:
        answered = peer.answer(peer.request(request_fields(path, **changes), body))
        assert_serves(peer)
        return answered


@pytest.mark.parametrize(
    "content_type",
    ["application/grpc", "application/grpc+proto", "application/grpc;charset=utf-8"],
)
def test_content_type_of_grpc_is_served(server: Server, content_type: str) -> None:
    answered = answer(server, content_type=content_type)
    assert answered.grpc_status == OK
    assert (answered["content-type"] or "").startswith("application/grpc")


@pytest.mark.parametrize(
    "content_type", [None, "", "text/plain", "application/json", "application/grpc-web"]
)
def test_other_content_type_is_http_415(server: Server, content_type: str | None) -> None:
    """As the specification says, so that no other HTTP client takes status 200 for success."""
    answered = answer(server, content_type=content_type)
    assert answered[":status"] == "415"
    assert answered.grpc_status is None


@pytest.mark.parametrize("method", ["GET", "PUT", "HEAD", "post"])
def test_other_method_than_post_is_http_405(server: Server, method: str) -> None:
    assert answer(server, method=method)[":status"] == "405"


def test_missing_te_is_tolerated(server: Server) -> None:
    """It is there to find proxies that lose trailers, and no proxy was between."""
    assert answer(server, te=None).grpc_status == OK


@pytest.mark.parametrize(
    "path",
    [f"/{SERVICE}/None", "/none.Service/EmptyCall", f"/{SERVICE}/", f"/{SERVICE}", "/", "//",
     f"{EMPTY_CALL}/", f"{EMPTY_CALL}?a=b", "/" + "x" * 8000],
)  # fmt: skip
def test_path_of_no_method_is_unimplemented(server: Server, path: str) -> None:
    answered = answer(server, path)
    assert (answered[":status"], answered.grpc_status) == ("200", UNIMPLEMENTED)


@pytest.mark.parametrize(
    "timeout", ["", "S", "1", "1s", "1 S", "-1S", "+1S", "1.5S", "0x1S", "123456789S", "1SS", "١S"]
)
def test_malformed_timeout_is_internal(server: Server, timeout: str) -> None:
    assert answer(server, grpc_timeout=timeout).grpc_status == INTERNAL


@pytest.mark.parametrize("timeout", ["99999999H", "10M", "100S", "60000m", "60000000u"])
def test_timeout_is_read_in_every_unit(server: Server, timeout: str) -> None:
    assert answer(server, grpc_timeout=timeout).grpc_status == OK


@pytest.mark.parametrize("timeout", ["1m", "1000u", "1n", "0S"])
def test_deadline_is_kept_by_the_server(server: Server, timeout: str) -> None:
    with RawClient(server.endpoint) as peer:
        # A message that never comes whole.
        fields = request_fields(INPUT_CALL, grpc_timeout=timeout)
        stream = peer.begin(fields)
        assert peer.answer(stream).grpc_status == DEADLINE_EXCEEDED
        assert_serves(peer)


def test_unknown_encoding_is_unimplemented_and_names_those_that_are_known(server: Server) -> None:
    answered = answer(server, grpc_encoding="zstd")
    assert answered.grpc_status == UNIMPLEMENTED
    assert "identity" in (answered["grpc-accept-encoding"] or "").split(",")


def test_identity_encoding_is_served(server: Server) -> None:
    assert answer(server, grpc_encoding="identity").grpc_status == OK


def test_malformed_binary_metadata_is_internal(server: Server) -> None:
    assert answer(server, x_bin="not base64").grpc_status == INTERNAL


@pytest.mark.parametrize("value", ["AQID", "AQI", "AQI=", "", "AQID,AQI"])
def test_binary_metadata_may_lack_its_padding_or_be_joined(server: Server, value: str) -> None:
    assert answer(server, x_bin=value).grpc_status == OK


@pytest.mark.parametrize("flag", [2, 128, 255])
@pytest.mark.parametrize("path", [EMPTY_CALL, INPUT_CALL])
def test_other_flag_than_0_or_1_is_internal(server: Server, path: str, flag: int) -> None:
    assert answer(server, path, grpc_message(flag=flag)).grpc_status == INTERNAL


def test_compressed_flag_without_an_encoding_is_internal(server: Server) -> None:
    assert answer(server, body=grpc_message(b"x", flag=1)).grpc_status == INTERNAL


@pytest.mark.parametrize("path", [EMPTY_CALL, INPUT_CALL, DUPLEX_CALL])
def test_message_over_the_limit_is_resource_exhausted_before_it_came(
    server: Server, path: str
) -> None:
    prefix = b"\0" + (DEFAULT_MESSAGE_LIMIT + 1).to_bytes(4, "big")
    with RawClient(server.endpoint) as peer:
        stream = peer.begin(request_fields(path), prefix)
        assert peer.answer(stream).grpc_status == RESOURCE_EXHAUSTED
        assert_serves(peer)


def test_announced_length_takes_no_memory(server: Server) -> None:
    prefix = b"\0" + DEFAULT_MESSAGE_LIMIT.to_bytes(4, "big")
    with RawClient(server.endpoint) as peer:
        for _ in range(100):
            peer.begin(request_fields(INPUT_CALL), prefix)
        assert_serves(peer)


@pytest.mark.parametrize("path", [EMPTY_CALL, INPUT_CALL, DUPLEX_CALL])
@pytest.mark.parametrize("body", [b"\0", b"\0\0\0\0", b"\0\0\0\0\1", b"\0\0\0\0\5abcd"])
def test_request_that_ends_within_a_message_is_internal(
    server: Server, path: str, body: bytes
) -> None:
    assert answer(server, path, body).grpc_status == INTERNAL


@pytest.mark.parametrize("body", [None, b"", MESSAGE + MESSAGE], ids=["end", "none", "two"])
def test_other_number_of_messages_than_one_is_internal_for_a_unary_method(
    server: Server, body: bytes | None
) -> None:
    """The table of codes says UNIMPLEMENTED; most implementations, and GRPCCore, say INTERNAL."""
    assert answer(server, EMPTY_CALL, body).grpc_status == INTERNAL


def test_no_message_is_well_for_a_streaming_method(server: Server) -> None:
    for path in (INPUT_CALL, DUPLEX_CALL):
        assert answer(server, path, b"").grpc_status == OK


def test_messages_may_be_cut_anywhere(server: Server) -> None:
    with RawClient(server.endpoint) as peer:
        stream = peer.begin(request_fields(INPUT_CALL))
        # The payload of 300 bytes, in a StreamingInputCallRequest.
        payload = b"\x12\xac\x02" + bytes(300)
        message = b"\x0a" + bytes([len(payload) & 127 | 128, len(payload) >> 7]) + payload
        for byte in grpc_message(message) * 3:
            peer.send_data(stream, bytes([byte]))
        peer.send_data(stream, b"", ends=True)
        answered = peer.answer(stream)
        assert answered.grpc_status == OK
        # aggregated_payload_size = 900
        assert answered.body == grpc_message(b"\x08\x84\x07")
