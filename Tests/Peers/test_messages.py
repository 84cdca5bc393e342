"""HTTP messages (RFC 9113, section 8): malformed requests are stream errors, and well-formed ones that
look odd are served."""

from __future__ import annotations

import pytest

from calls import (
    EMPTY_CALL,
    OK,
    Fields,
    assert_serves,
    open_call,
    request_block,
    request_fields,
)
from protocol_case import Case, ConnectionEnds, GoesOn, StreamEnds, opened, table
from raw_client import RawClient
from raw_http2 import Code, Flag, Frame, data, field_block, grpc_message, headers
from transport_peer import Server

MALFORMED = StreamEnds(Code.PROTOCOL_ERROR)
MESSAGE = grpc_message()
REQUEST = request_fields(EMPTY_CALL)


def request(fields: Fields, body: bytes = MESSAGE) -> list[Frame]:
    """A request on the first stream."""
    return [
        headers(1, field_block(fields), Flag.END_HEADERS),
        data(1, body, Flag.END_STREAM),
    ]


def with_field(name: str | bytes, value: str | bytes = "x") -> list[Frame]:
    return request([*REQUEST, (name, value)])


def without(name: str) -> list[Frame]:
    return request([field for field in REQUEST if field[0] != name])


def with_content_length(length: str, body: bytes = MESSAGE) -> list[Frame]:
    return request([*REQUEST, ("content-length", length)], body)


def with_trailers(*fields: tuple[str, str], flags: int = Flag.END_STREAM) -> list[Frame]:
    return [
        headers(1, request_block(EMPTY_CALL), Flag.END_HEADERS),
        data(1, MESSAGE),
        headers(1, field_block(fields), Flag.END_HEADERS | flags),
    ]


@table(
    [
        Case("8.1-trailers", with_trailers(("a", "b")), GoesOn()),
        Case("8.1-empty-trailers", with_trailers(), GoesOn()),
        Case("8.1-trailers-without-end", with_trailers(("a", "b"), flags=0), MALFORMED),
        Case(
            "8.1-data-after-trailers",
            [headers(1, field_block([("a", "b")])), data(1)],
            ConnectionEnds(Code.STREAM_CLOSED),
            opened,
        ),
        Case("8.1.1-content-length", with_content_length("5"), GoesOn()),
        Case("8.1.1-content-length-too-small", with_content_length("4"), MALFORMED),
        Case("8.1.1-content-length-too-large", with_content_length("6"), MALFORMED),
        Case("8.1.1-content-length-of-nothing", with_content_length("1", b""), MALFORMED),
        Case("8.1.1-content-length-is-no-number", with_content_length("five"), MALFORMED),
        Case("8.1.1-content-length-is-negative", with_content_length("-5"), MALFORMED),
        Case("8.1.1-content-length-overflows", with_content_length("9" * 30), MALFORMED),
        Case(
            "8.1.1-content-length-twice",
            request([*REQUEST, ("content-length", "5"), ("content-length", "5")]),
            MALFORMED,
        ),
        Case(
            "8.1.1-content-length-and-end-of-stream",
            [headers(1, request_block(EMPTY_CALL, ("content-length", "5")))],
            MALFORMED,
        ),
    ]
)
def test_body(server: Server, case: Case) -> None:
    case.run(server.endpoint)


@table(
    [
        Case("8.2-upper-case-name", with_field("X-Upper"), MALFORMED),
        Case("8.2-upper-case-name-in-trailers", with_trailers(("X-Upper", "x")), MALFORMED),
        Case("8.2.1-space-in-name", with_field("a b"), MALFORMED),
        Case("8.2.1-colon-in-name", with_field("a:b"), MALFORMED),
        Case("8.2.1-control-in-name", with_field(b"a\x01"), MALFORMED),
        Case("8.2.1-delete-in-name", with_field(b"a\x7f"), MALFORMED),
        Case("8.2.1-high-byte-in-name", with_field(b"a\xff"), MALFORMED),
        Case("8.2.1-nul-in-value", with_field("a", b"x\0y"), MALFORMED),
        Case("8.2.1-line-feed-in-value", with_field("a", b"x\ny"), MALFORMED),
        Case("8.2.1-carriage-return-in-value", with_field("a", b"x\ry"), MALFORMED),
        Case("8.2.1-space-before-value", with_field("a", " x"), MALFORMED),
        Case("8.2.1-tab-after-value", with_field("a", "x\t"), MALFORMED),
        Case("8.2.1-empty-value", with_field("a", ""), GoesOn()),
        Case("8.2.1-high-bytes-in-value", with_field("a", "é".encode()), GoesOn()),
        Case("8.2.2-connection", with_field("connection", "close"), MALFORMED),
        Case("8.2.2-keep-alive", with_field("keep-alive", "timeout=5"), MALFORMED),
        Case("8.2.2-proxy-connection", with_field("proxy-connection", "close"), MALFORMED),
        Case("8.2.2-transfer-encoding", with_field("transfer-encoding", "chunked"), MALFORMED),
        Case("8.2.2-upgrade", with_field("upgrade", "h2c"), MALFORMED),
        Case("8.2.2-te", request(request_fields(EMPTY_CALL, te="gzip")), MALFORMED),
        Case(
            "8.2.2-te-and-more",
            request(request_fields(EMPTY_CALL, te="trailers, deflate;q=0.5")),
            MALFORMED,
        ),
        Case("8.2.2-te-trailers", request(request_fields(EMPTY_CALL, te="Trailers")), GoesOn()),
        Case(
            "8.2.3-cookie-in-pieces",
            request([*REQUEST, ("cookie", "a=1"), ("cookie", "b=2")]),
            GoesOn(),
        ),
    ]
)
def test_fields(server: Server, case: Case) -> None:
    case.run(server.endpoint)


@table(
    [
        Case("8.3-unknown", request([(":unknown", "x"), *REQUEST]), MALFORMED),
        Case("8.3-of-responses", request([(":status", "200"), *REQUEST]), MALFORMED),
        Case("8.3-after-others", request([*REQUEST[1:], REQUEST[0]]), MALFORMED),
        Case("8.3-in-trailers", with_trailers((":path", EMPTY_CALL)), MALFORMED),
        Case("8.3-of-responses-in-trailers", with_trailers((":status", "200")), MALFORMED),
        Case("8.3.1-no-method", without(":method"), MALFORMED),
        Case("8.3.1-no-scheme", without(":scheme"), MALFORMED),
        Case("8.3.1-no-path", without(":path"), MALFORMED),
        Case("8.3.1-empty-path", request(request_fields("")), MALFORMED),
        Case("8.3.1-asterisk-for-path", request(request_fields("*")), MALFORMED),
        Case("8.3.1-path-without-slash", request(request_fields(EMPTY_CALL[1:])), MALFORMED),
        Case("8.3.1-two-methods", request([REQUEST[0], *REQUEST]), MALFORMED),
        Case("8.3.1-two-schemes", request([(":scheme", "http"), *REQUEST]), MALFORMED),
        Case("8.3.1-two-paths", request([(":path", EMPTY_CALL), *REQUEST]), MALFORMED),
        Case("8.3.1-two-authorities", request([(":authority", "a"), *REQUEST]), MALFORMED),
        Case(
            "8.3.1-host-for-authority",
            request([*request_fields(EMPTY_CALL, authority=None), ("host", "localhost")]),
            GoesOn(),
        ),
        Case("8.3.1-https", request(request_fields(EMPTY_CALL, scheme="https")), GoesOn()),
        Case(
            "8.3.1-other-order",
            request([REQUEST[3], REQUEST[2], REQUEST[1], *REQUEST[:1], *REQUEST[4:]]),
            GoesOn(),
        ),
        Case(
            "8.5-connect-with-path",
            request(request_fields(EMPTY_CALL, method="CONNECT")),
            MALFORMED,
        ),
    ]
)
def test_pseudo_fields(server: Server, case: Case) -> None:
    case.run(server.endpoint)


@pytest.mark.parametrize("end", ["data", "empty data", "trailers"])
def test_end_of_the_request_may_be_any_frame(server: Server, end: str) -> None:
    with RawClient(server.endpoint) as peer:
        stream = open_call(peer, EMPTY_CALL)
        match end:
            case "data":
                peer.send(data(stream, MESSAGE, Flag.END_STREAM))
            case "empty data":
                peer.send(data(stream, MESSAGE), data(stream, b"", Flag.END_STREAM))
            case _:
                peer.send(data(stream, MESSAGE), headers(stream, field_block([("a", "b")])))
        assert peer.answer(stream).grpc_status == OK


def test_malformed_trailers_of_a_request_cancel_its_handler(server: Server) -> None:
    with RawClient(server.endpoint) as peer:
        stream = open_call(peer)
        peer.send(headers(stream, field_block([("Upper", "x")])))
        assert peer.answer(stream).reset == Code.PROTOCOL_ERROR
        assert_serves(peer)
