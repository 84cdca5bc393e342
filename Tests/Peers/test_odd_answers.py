"""Answers that are not as they should be, or that are and look odd: what the caller of the transport's client gets.

gRPC over HTTP/2: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
"""

from __future__ import annotations

from collections.abc import Callable

import grpc
import pytest
from raw_http2 import (
    Code,
    Flag,
    Frame,
    Type,
    continuation,
    data,
    field_block,
    grpc_message,
    headers,
    rst_stream,
)
from raw_server_end import RawServerEnd
from scripted_server import (
    HEAD,
    OK,
    SMALL_RESPONSE,
    Fields,
    ScriptedServer,
    begin,
    end,
    respond,
    wait_for_end,
)
from transport_peer import Outcome, outcomes

Answer = Callable[[RawServerEnd, int], None]


def outcome_of(answer: Answer, *, next_call_works: bool = True) -> Outcome:
    """How a call ends that is answered like this; the next one on the connection is answered well."""

    def script(connection: RawServerEnd) -> None:
        answer(connection, connection.request().stream)
        if next_call_works:
            respond(connection, connection.request().stream)
        wait_for_end(connection)

    with ScriptedServer(script) as server:
        first, *others = outcomes(server.address, "--calls", 2 if next_call_works else 1)
    assert [each.status for each in others] == [0] * next_call_works
    return first


def trailers_only(*fields: tuple[str | bytes, str | bytes]) -> Answer:
    return lambda connection, stream: end(connection, stream, (*HEAD, *fields))


def status_of(code: grpc.StatusCode) -> int:
    return code.value[0]


# What is not gRPC.


@pytest.mark.parametrize(
    ("http_status", "code"),
    (
        ("400", grpc.StatusCode.INTERNAL),
        ("401", grpc.StatusCode.UNAUTHENTICATED),
        ("403", grpc.StatusCode.PERMISSION_DENIED),
        ("404", grpc.StatusCode.UNIMPLEMENTED),
        ("418", grpc.StatusCode.UNKNOWN),
        ("429", grpc.StatusCode.UNAVAILABLE),
        ("500", grpc.StatusCode.UNKNOWN),
        ("502", grpc.StatusCode.UNAVAILABLE),
        ("503", grpc.StatusCode.UNAVAILABLE),
        ("504", grpc.StatusCode.UNAVAILABLE),
    ),
)
@pytest.mark.parametrize("has_body", (True, False), ids=("page", "bare"))
def test_http_status(http_status: str, code: grpc.StatusCode, has_body: bool) -> None:
    """gRPC, "HTTP to gRPC Status Code Mapping"."""

    def answer(connection: RawServerEnd, stream: int) -> None:
        fields = ((":status", http_status), ("content-type", "text/html"))
        if has_body:
            begin(connection, stream, fields)
            connection.send(data(stream, b"<h1>No</h1>", Flag.END_STREAM))
        else:
            end(connection, stream, fields)

    outcome = outcome_of(answer)
    assert outcome.status == status_of(code)
    assert http_status in outcome.message


def test_grpc_status_comes_before_the_http_status() -> None:
    fields = ((":status", "503"), ("content-type", "application/grpc"), ("grpc-status", "5"))
    outcome = outcome_of(lambda connection, stream: end(connection, stream, fields))
    assert outcome.status == status_of(grpc.StatusCode.NOT_FOUND)


def test_page_with_status_200() -> None:
    def answer(connection: RawServerEnd, stream: int) -> None:
        begin(connection, stream, ((":status", "200"), ("content-type", "text/html")))
        connection.send(data(stream, b"<h1>Welcome</h1>", Flag.END_STREAM))

    assert outcome_of(answer).status == status_of(grpc.StatusCode.UNKNOWN)


# Statuses.


def test_trailers_only() -> None:
    fields = (("grpc-status", "5"), ("grpc-message", "nothing here"), ("x-why", "because"))
    outcome = outcome_of(trailers_only(*fields))
    assert outcome.status == status_of(grpc.StatusCode.NOT_FOUND)
    assert outcome.message == "nothing here"
    assert outcome.trailing["x-why"] == ["because"]


@pytest.mark.parametrize("status", ("17", "99", "2147483648", "-1", "abc", "", "99999999999999999999"))
def test_unknown_status(status: str) -> None:
    outcome = outcome_of(trailers_only(("grpc-status", status), ("grpc-message", "odd")))
    assert outcome.status == status_of(grpc.StatusCode.UNKNOWN)


@pytest.mark.parametrize(
    ("encoded", "message"),
    (
        ("a%20b", "a b"),
        ("%e2%98%BA", "\N{WHITE SMILING FACE}"),
        ("100%", "100%"),
        ("%", "%"),
        ("%4", "%4"),
        ("%zz", "%zz"),
        ("%%41", "%A"),
        ("%E4", "\N{REPLACEMENT CHARACTER}"),
        (b"\xe2\x98\xba", "\N{WHITE SMILING FACE}"),
        (b"\xff", "\N{REPLACEMENT CHARACTER}"),
        ("", ""),
    ),
)
def test_status_message(encoded: str | bytes, message: str) -> None:
    """gRPC over HTTP/2, "Percent-Encoded": what is malformed is shown as it is, not lost."""
    outcome = outcome_of(trailers_only(("grpc-status", "9"), ("grpc-message", encoded)))
    assert outcome.status == status_of(grpc.StatusCode.FAILED_PRECONDITION)
    assert outcome.message == message


def test_no_trailers() -> None:
    def answer(connection: RawServerEnd, stream: int) -> None:
        begin(connection, stream)
        connection.send(data(stream, SMALL_RESPONSE, Flag.END_STREAM))

    assert outcome_of(answer).status == status_of(grpc.StatusCode.INTERNAL)


def test_trailers_without_a_status() -> None:
    def answer(connection: RawServerEnd, stream: int) -> None:
        begin(connection, stream)
        connection.send(data(stream, SMALL_RESPONSE))
        end(connection, stream, (("x-only", "this"),))

    assert outcome_of(answer).status == status_of(grpc.StatusCode.UNKNOWN)


def test_head_that_ends_the_stream_without_a_status() -> None:
    assert outcome_of(trailers_only()).status == status_of(grpc.StatusCode.UNKNOWN)


def test_trailers_that_do_not_end_the_stream() -> None:
    def answer(connection: RawServerEnd, stream: int) -> None:
        begin(connection, stream)
        begin(connection, stream, OK)

    outcome = outcome_of(answer, next_call_works=False)
    assert outcome.status == status_of(grpc.StatusCode.INTERNAL)


@pytest.mark.parametrize(
    ("code", "status"),
    (
        (Code.NO_ERROR, grpc.StatusCode.INTERNAL),
        (Code.PROTOCOL_ERROR, grpc.StatusCode.INTERNAL),
        (Code.INTERNAL_ERROR, grpc.StatusCode.INTERNAL),
        (Code.CANCEL, grpc.StatusCode.CANCELLED),
        (Code.ENHANCE_YOUR_CALM, grpc.StatusCode.RESOURCE_EXHAUSTED),
        (Code.INADEQUATE_SECURITY, grpc.StatusCode.PERMISSION_DENIED),
        (0xFFFF, grpc.StatusCode.INTERNAL),
    ),
    ids=lambda value: getattr(value, "name", str(value)),
)
def test_reset(code: int, status: grpc.StatusCode) -> None:
    """gRPC over HTTP/2, "Errors"."""
    outcome = outcome_of(lambda connection, stream: connection.send(rst_stream(stream, code)))
    assert outcome.status == status_of(status)


def test_reset_behind_the_status_is_ignored() -> None:
    """A server that has answered need not read the rest of the request (RFC 9113, section 8.1)."""

    def answer(connection: RawServerEnd, stream: int) -> None:
        respond(connection, stream)
        connection.send(rst_stream(stream, Code.NO_ERROR))

    assert outcome_of(answer).status == 0


# Messages.


def messages_in_answer(*bodies: bytes) -> Answer:
    def answer(connection: RawServerEnd, stream: int) -> None:
        begin(connection, stream)
        for body in bodies:
            connection.send(data(stream, body))
        end(connection, stream)

    return answer


def test_message_a_byte_at_a_time() -> None:
    pieces = (bytes([byte]) for byte in SMALL_RESPONSE)
    assert outcome_of(messages_in_answer(*pieces)).size == 3


def test_empty_frames_between() -> None:
    assert outcome_of(messages_in_answer(b"", SMALL_RESPONSE, b"")).size == 3


@pytest.mark.parametrize(
    ("bodies", "status"),
    (
        pytest.param((), grpc.StatusCode.UNIMPLEMENTED, id="none"),
        pytest.param(
            (SMALL_RESPONSE, SMALL_RESPONSE), grpc.StatusCode.UNIMPLEMENTED, id="two instead of one"
        ),
        pytest.param((SMALL_RESPONSE[:-1],), grpc.StatusCode.INTERNAL, id="cut off"),
        pytest.param((SMALL_RESPONSE[:3],), grpc.StatusCode.INTERNAL, id="cut off in the prefix"),
        pytest.param((grpc_message(b"", 2),), grpc.StatusCode.INTERNAL, id="bad flag"),
        pytest.param((grpc_message(b"", 1),), grpc.StatusCode.INTERNAL, id="compressed"),
        pytest.param(
            (b"\0\xff\xff\xff\xff",), grpc.StatusCode.RESOURCE_EXHAUSTED, id="4 GiB announced"
        ),
    ),
)
def test_bad_messages(bodies: tuple[bytes, ...], status: grpc.StatusCode) -> None:
    assert outcome_of(messages_in_answer(*bodies)).status == status_of(status)


def test_message_that_is_no_protocol_buffer() -> None:
    outcome = outcome_of(messages_in_answer(grpc_message(b"\xff\xff\xff")))
    assert outcome.status not in (0, status_of(grpc.StatusCode.UNAVAILABLE))


def test_error_after_a_message() -> None:
    def answer(connection: RawServerEnd, stream: int) -> None:
        begin(connection, stream)
        connection.send(data(stream, SMALL_RESPONSE))
        end(connection, stream, (("grpc-status", "13"), ("grpc-message", "late")))

    outcome = outcome_of(answer)
    assert (outcome.status, outcome.message) == (13, "late")


def test_connection_that_ends_inside_a_message() -> None:
    def script(connection: RawServerEnd) -> None:
        stream = connection.request().stream
        begin(connection, stream)
        connection.send(data(stream, SMALL_RESPONSE[:-1]))

    with ScriptedServer(script) as server:
        [outcome] = outcomes(server.address)
    assert outcome.status == status_of(grpc.StatusCode.UNAVAILABLE)


# Fields.


@pytest.mark.parametrize("interim", (("100",), ("103",), ("100", "102", "103")), ids="-".join)
def test_interim_responses(interim: tuple[str, ...]) -> None:
    """RFC 9113, section 8.1: any number of them before the response."""

    def answer(connection: RawServerEnd, stream: int) -> None:
        for status in interim:
            begin(connection, stream, ((":status", status), ("link", "</style.css>")))
        respond(connection, stream)

    outcome = outcome_of(answer)
    assert (outcome.status, outcome.size) == (0, 3)
    assert "link" not in outcome.initial


def test_fields_in_odd_order() -> None:
    def answer(connection: RawServerEnd, stream: int) -> None:
        first = (("x-first", "1"), ("content-type", "application/grpc+proto"), ("x-last", "2"))
        begin(connection, stream, ((":status", "200"), *first))
        connection.send(data(stream, SMALL_RESPONSE))
        last = (("x-a", "1"), ("grpc-message", ""), ("x-a", "2"), ("grpc-status", "0"))
        end(connection, stream, last)

    outcome = outcome_of(answer)
    assert (outcome.status, outcome.size) == (0, 3)
    assert outcome.initial == {"x-first": ["1"], "x-last": ["2"]}
    assert outcome.trailing == {"x-a": ["1", "2"]}


def test_fields_in_pieces() -> None:
    def answer(connection: RawServerEnd, stream: int) -> None:
        block = field_block((*HEAD, ("x-key", "value")))
        connection.send(
            headers(stream, block[:1], Flag.NONE),
            continuation(stream, b"", Flag.NONE),
            continuation(stream, block[1:20], Flag.NONE),
            continuation(stream, block[20:]),
        )
        connection.send(data(stream, SMALL_RESPONSE))
        end(connection, stream)

    outcome = outcome_of(answer)
    assert (outcome.status, outcome.initial) == (0, {"x-key": ["value"]})


@pytest.mark.parametrize(
    "fields",
    (
        pytest.param((*HEAD, ("X-Upper", "1")), id="upper case"),
        pytest.param(HEAD[1:], id="no status"),
        pytest.param((HEAD[1], HEAD[0]), id="status behind"),
        pytest.param((HEAD[0], *HEAD), id="two statuses"),
        pytest.param((*HEAD, (":path", "/")), id="path of a request"),
        pytest.param((*HEAD, ("connection", "close")), id="connection"),
        pytest.param(((":status", "2x0"), HEAD[1]), id="status that is no number"),
    ),
)
def test_malformed_fields(fields: Fields) -> None:
    """RFC 9113, section 8.1.1: a malformed response is an error of the stream."""

    def answer(connection: RawServerEnd, stream: int) -> None:
        begin(connection, stream, fields)
        assert connection.wait_for(Type.RST_STREAM, stream=stream).code == Code.PROTOCOL_ERROR

    assert outcome_of(answer).status == status_of(grpc.StatusCode.INTERNAL)


def test_fields_over_the_limit() -> None:
    many = field_block((*HEAD, *OK, *((f"x-{number}", "v" * 200) for number in range(80))))

    def answer(connection: RawServerEnd, stream: int) -> None:
        connection.send(
            headers(stream, many[:16_000], Flag.END_STREAM), continuation(stream, many[16_000:])
        )

    outcome = outcome_of(answer)
    assert outcome.status == status_of(grpc.StatusCode.RESOURCE_EXHAUSTED)


@pytest.mark.parametrize(
    "offence",
    (
        pytest.param(lambda stream: data(stream + 100, b"x"), id="data on an idle stream"),
        pytest.param(lambda stream: data(0, b"x"), id="data on stream 0"),
        pytest.param(
            lambda stream: Frame(Type.PUSH_PROMISE, Flag.END_HEADERS, stream, b"\0\0\0\2"),
            id="push promise",
        ),
        pytest.param(lambda stream: Frame(Type.SETTINGS, payload=b"x"), id="settings cut off"),
        pytest.param(
            lambda stream: headers(2, field_block(HEAD), Flag.END_HEADERS), id="stream of its own"
        ),
    ),
)
def test_protocol_error(offence: Callable[[int], Frame]) -> None:
    """The connection ends with a GOAWAY that says why; the next call connects again."""

    def first(connection: RawServerEnd) -> None:
        stream = connection.request().stream
        connection.send(offence(stream))
        assert connection.wait_for(Type.GOAWAY).code != Code.NO_ERROR
        wait_for_end(connection)

    def second(connection: RawServerEnd) -> None:
        respond(connection, connection.request().stream)
        wait_for_end(connection)

    with ScriptedServer(first, second) as server:
        made = outcomes(server.address, "--calls", 2)
    assert [each.status for each in made] == [status_of(grpc.StatusCode.UNAVAILABLE), 0]


@pytest.mark.parametrize(
    "greeting", (b"HTTP/1.1 400 Bad Request\r\n\r\n", b"SSH-2.0-OpenSSH_9.2\r\n"), ids=("http1", "ssh")
)
def test_server_of_another_protocol(greeting: bytes) -> None:
    def script(connection: RawServerEnd) -> None:
        connection.socket.sendall(greeting)
        connection.socket.recv(1 << 16)

    with ScriptedServer(script, begins=False) as server:
        [outcome] = outcomes(server.address)
    assert outcome.status == status_of(grpc.StatusCode.UNAVAILABLE)
