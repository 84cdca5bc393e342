"""Frame definitions (RFC 9113, section 6): for each thing that a client may do wrong the error that the
section names, and for each that it may do the absence of one.

A stream error may be answered as a connection error (section 5.4.1): where the server does so, the case
says the latter.
"""

from __future__ import annotations

from calls import (
    DUPLEX_CALL,
    EMPTY_CALL,
    OUTPUT_CALL,
    assert_serves,
    call,
    open_call,
    output_request,
    request_block,
)
from protocol_case import (
    Case,
    ConnectionEnds,
    GoesOn,
    StreamEnds,
    opened,
    table,
)
from raw_client import RawClient
from raw_http2 import (
    DEFAULT_FRAME_SIZE,
    DEFAULT_WINDOW,
    MAXIMUM_WINDOW,
    Code,
    Flag,
    Frame,
    Setting,
    Type,
    continuation,
    data,
    grpc_message,
    headers,
    ping,
    priority,
    rst_stream,
    settings,
    settings_ack,
    window_update,
)
from transport_peer import Server

BLOCK = request_block(EMPTY_CALL)
OPEN = Flag.END_HEADERS
# Into the middle of a field.
CUT = len(BLOCK) // 2
MESSAGE = grpc_message()
UNKNOWN_SETTING = 0xFFFF
RESERVED_BIT = 1 << 31

PROTOCOL_ERROR = ConnectionEnds(Code.PROTOCOL_ERROR)
FRAME_SIZE_ERROR = ConnectionEnds(Code.FRAME_SIZE_ERROR)
FLOW_CONTROL_ERROR = ConnectionEnds(Code.FLOW_CONTROL_ERROR)


DATA = [
    Case("6.1-on-connection", [data(0)], PROTOCOL_ERROR),
    Case(
        "6.1-padding-longer-than-payload",
        [data(1, b"\x05abcd", Flag.PADDED)],
        PROTOCOL_ERROR,
        opened,
    ),
    Case(
        "6.1-padding-of-the-whole-payload", [data(1, b"\x05abcde", Flag.PADDED)], GoesOn(), opened
    ),
    # Too small for its fields, which is a frame size error; all of it padding, which is this one.
    Case("6.1-no-pad-length", [data(1, b"", Flag.PADDED)], PROTOCOL_ERROR, opened),
    Case(
        "6.1-zero-length-padding",
        [headers(1, BLOCK, OPEN), data(1, b"\0" + MESSAGE, Flag.PADDED | Flag.END_STREAM)],
        GoesOn(),
    ),
    Case(
        "6.1-padded",
        [
            headers(1, BLOCK, OPEN),
            data(1, b"\xff" + MESSAGE + bytes(255), Flag.PADDED | Flag.END_STREAM),
        ],
        GoesOn(),
    ),
]


HEADERS = [
    Case(
        "6.2-padding-longer-than-payload",
        [headers(1, bytes([len(BLOCK) + 1]) + BLOCK, OPEN | Flag.PADDED)],
        PROTOCOL_ERROR,
    ),
    Case("6.2-no-pad-length", [headers(1, b"", OPEN | Flag.PADDED)], PROTOCOL_ERROR),
    Case("6.2-priority-cut-off", [headers(1, bytes(4), OPEN | Flag.PRIORITY)], FRAME_SIZE_ERROR),
    Case(
        "6.2-padded-with-priority",
        [
            headers(
                1,
                b"\3" + bytes([0, 0, 0, 0, 15]) + BLOCK + bytes(3),
                OPEN | Flag.PADDED | Flag.PRIORITY,
            ),
            data(1, MESSAGE, Flag.END_STREAM),
        ],
        GoesOn(),
    ),
]


CONTROL = [
    Case("6.3-priority-on-connection", [priority(0)], PROTOCOL_ERROR),
    Case("6.3-priority-of-four", [Frame(Type.PRIORITY, 0, 1, bytes(4))], FRAME_SIZE_ERROR),
    Case("6.4-reset-on-connection", [rst_stream(0)], PROTOCOL_ERROR),
    Case("6.4-reset-of-three", [Frame(Type.RST_STREAM, 0, 1, bytes(3))], FRAME_SIZE_ERROR, opened),
    Case("6.4-reset-of-five", [Frame(Type.RST_STREAM, 0, 1, bytes(5))], FRAME_SIZE_ERROR, opened),
    Case("6.4-reset-with-unknown-code", [rst_stream(1, 0xDEAD)], GoesOn(), opened),
    Case(
        "6.6-push-promise",
        [Frame(Type.PUSH_PROMISE, OPEN, 1, b"\0\0\0\2" + BLOCK)],
        PROTOCOL_ERROR,
        opened,
    ),
    Case("6.7-ping-of-seven", [ping(bytes(7))], FRAME_SIZE_ERROR),
    Case("6.7-ping-of-nine", [ping(bytes(9))], FRAME_SIZE_ERROR),
    Case("6.7-ping-on-stream", [Frame(Type.PING, 0, 1, bytes(8))], PROTOCOL_ERROR, opened),
    Case("6.7-ack-without-ping", [ping(flags=Flag.ACK)], GoesOn()),
    Case("6.8-goaway-on-stream", [Frame(Type.GOAWAY, 0, 1, bytes(8))], PROTOCOL_ERROR, opened),
    Case("6.8-goaway-of-seven", [Frame(Type.GOAWAY, 0, 0, bytes(7))], FRAME_SIZE_ERROR),
]


SETTINGS = [
    Case("6.5-ack-with-payload", [Frame(Type.SETTINGS, Flag.ACK, 0, bytes(6))], FRAME_SIZE_ERROR),
    Case("6.5-not-of-sixes", [Frame(Type.SETTINGS, payload=bytes(5))], FRAME_SIZE_ERROR),
    Case("6.5-on-stream", [Frame(Type.SETTINGS, 0, 1)], PROTOCOL_ERROR, opened),
    Case("6.5-unknown", [settings((UNKNOWN_SETTING, 7), (0, 1))], GoesOn()),
    # The specification has no word on it.
    Case("6.5-unexpected-ack", [settings_ack(), settings_ack()], PROTOCOL_ERROR),
    Case("6.5.2-push-enabled", [settings((Setting.ENABLE_PUSH, 1))], GoesOn()),
    Case("6.5.2-push-neither", [settings((Setting.ENABLE_PUSH, 2))], PROTOCOL_ERROR),
    Case(
        "6.5.2-largest-window", [settings((Setting.INITIAL_WINDOW_SIZE, MAXIMUM_WINDOW))], GoesOn()
    ),
    Case(
        "6.5.2-window-too-large",
        [settings((Setting.INITIAL_WINDOW_SIZE, MAXIMUM_WINDOW + 1))],
        FLOW_CONTROL_ERROR,
    ),
    Case("6.5.2-largest-frame", [settings((Setting.MAX_FRAME_SIZE, (1 << 24) - 1))], GoesOn()),
    Case(
        "6.5.2-frame-too-small",
        [settings((Setting.MAX_FRAME_SIZE, DEFAULT_FRAME_SIZE - 1))],
        PROTOCOL_ERROR,
    ),
    Case("6.5.2-frame-too-large", [settings((Setting.MAX_FRAME_SIZE, 1 << 24))], PROTOCOL_ERROR),
    Case("6.5.2-no-streams", [settings((Setting.MAX_CONCURRENT_STREAMS, 0))], GoesOn()),
    Case("6.5.2-no-table", [settings((Setting.HEADER_TABLE_SIZE, 0))], GoesOn()),
    Case("6.5.2-large-table", [settings((Setting.HEADER_TABLE_SIZE, MAXIMUM_WINDOW))], GoesOn()),
    Case("6.5.2-small-header-list", [settings((Setting.MAX_HEADER_LIST_SIZE, 10))], GoesOn()),
    Case(
        "6.5.3-the-last-value-counts",
        [settings((Setting.INITIAL_WINDOW_SIZE, 0), (Setting.INITIAL_WINDOW_SIZE, 1000))],
        GoesOn(),
    ),
]


WINDOWS = [
    Case("6.9-update-of-three", [Frame(Type.WINDOW_UPDATE, payload=bytes(3))], FRAME_SIZE_ERROR),
    Case(
        "6.9-update-of-five", [Frame(Type.WINDOW_UPDATE, 0, 1, bytes(5))], FRAME_SIZE_ERROR, opened
    ),
    Case("6.9-nothing-for-connection", [window_update(0, 0)], PROTOCOL_ERROR),
    Case("6.9-nothing-for-stream", [window_update(1, 0)], PROTOCOL_ERROR, opened),
    Case("6.9-reserved-bit", [window_update(0, RESERVED_BIT | 1)], GoesOn()),
    Case(
        "6.9.1-largest-for-connection",
        [window_update(0, MAXIMUM_WINDOW - DEFAULT_WINDOW)],
        GoesOn(),
    ),
    Case("6.9.1-overflow-of-connection", [window_update(0, MAXIMUM_WINDOW)], FLOW_CONTROL_ERROR),
    Case(
        "6.9.1-largest-for-stream",
        [window_update(1, MAXIMUM_WINDOW - DEFAULT_WINDOW)],
        GoesOn(),
        opened,
    ),
    Case(
        "6.9.1-overflow-of-stream",
        [window_update(1, MAXIMUM_WINDOW)],
        StreamEnds(Code.FLOW_CONTROL_ERROR),
        opened,
    ),
    Case(
        "6.9.2-overflow-by-settings",
        [
            window_update(1, MAXIMUM_WINDOW - DEFAULT_WINDOW),
            settings((Setting.INITIAL_WINDOW_SIZE, DEFAULT_WINDOW + 1)),
        ],
        FLOW_CONTROL_ERROR,
        opened,
        deviation="libnghttp2 1.52 resets the stream and keeps the connection",
    ),
]


CONTINUATIONS = [
    Case(
        "6.10-in-pieces",
        [
            headers(1, BLOCK[:CUT], Flag.NONE),
            continuation(1, b"", Flag.NONE),
            continuation(1, BLOCK[CUT:]),
            data(1, MESSAGE, Flag.END_STREAM),
        ],
        GoesOn(),
    ),
    Case(
        "6.10-another-frame-between",
        [headers(1, BLOCK[:CUT], Flag.NONE), ping(), continuation(1, BLOCK[CUT:])],
        PROTOCOL_ERROR,
    ),
    Case("6.10-data-between", [headers(1, BLOCK[:CUT], Flag.NONE), data(1)], PROTOCOL_ERROR),
    Case(
        "6.10-another-stream-between",
        [headers(1, BLOCK[:CUT], Flag.NONE), headers(3, BLOCK)],
        PROTOCOL_ERROR,
    ),
    Case(
        "6.10-of-another-stream",
        [headers(1, BLOCK[:CUT], Flag.NONE), continuation(3, BLOCK[CUT:])],
        PROTOCOL_ERROR,
    ),
    Case(
        "6.10-on-connection",
        [headers(1, BLOCK[:CUT], Flag.NONE), continuation(0, BLOCK[CUT:])],
        PROTOCOL_ERROR,
    ),
    Case(
        "6.10-after-the-end-of-fields",
        [headers(1, BLOCK, OPEN), continuation(1, b"")],
        PROTOCOL_ERROR,
    ),
    Case("6.10-after-data", [data(1), continuation(1, b"")], PROTOCOL_ERROR, opened),
]


@table(DATA + HEADERS + CONTROL + SETTINGS + WINDOWS + CONTINUATIONS)
def test_frame_definitions(server: Server, case: Case) -> None:
    case.run(server.endpoint)


def test_ping_is_answered_with_what_it_holds(server: Server) -> None:
    with RawClient(server.endpoint) as peer:
        peer.send(ping(b"12345678"))
        assert peer.wait_for(Type.PING, flags=Flag.ACK).payload == b"12345678"


def test_server_keeps_to_the_streams_window(server: Server) -> None:
    with RawClient(server.endpoint, announces=((Setting.INITIAL_WINDOW_SIZE, 10),)) as peer:
        peer.generous = False
        stream = call(peer, OUTPUT_CALL, output_request(100))
        assert len(peer.wait_for(Type.DATA, stream=stream).payload) == 10
        peer.barrier()
        assert not [frame for frame in peer.passed if frame.type == Type.DATA]
        # Below zero: what is given next pays that first (section 6.9.2).
        peer.send(settings((Setting.INITIAL_WINDOW_SIZE, 5)), window_update(stream, 5))
        peer.barrier()
        assert not [frame for frame in peer.passed if frame.type == Type.DATA]
        peer.send(window_update(stream, 200))
        assert peer.answer(stream).grpc_status == 0


def test_server_keeps_to_the_connections_window(server: Server) -> None:
    with RawClient(server.endpoint) as peer:
        peer.generous = False
        peer.send(settings((Setting.INITIAL_WINDOW_SIZE, 1 << 20)))
        streams = [call(peer, OUTPUT_CALL, output_request(50_000)) for _ in range(3)]
        received = 0
        while received < DEFAULT_WINDOW:
            received += len(peer.wait_for(Type.DATA).payload)
        peer.barrier()
        assert received == DEFAULT_WINDOW
        assert not [frame for frame in peer.passed if frame.type == Type.DATA]
        peer.send(window_update(0, 1 << 20))
        assert [peer.answer(stream).grpc_status for stream in streams] == [0, 0, 0]


def test_server_keeps_to_the_frame_size(server: Server) -> None:
    with RawClient(server.endpoint) as peer:
        stream = call(peer, OUTPUT_CALL, output_request(60_000))
        lengths: list[int] = []
        while sum(lengths) < 60_000:
            lengths.append(len(peer.wait_for(Type.DATA, stream=stream).payload))
        assert max(lengths) == DEFAULT_FRAME_SIZE


def test_body_beyond_the_streams_window_is_a_stream_error(server: Server) -> None:
    """Section 6.9.1; the handler reads no further, as it waits for room to answer."""
    with RawClient(server.endpoint, announces=((Setting.INITIAL_WINDOW_SIZE, 0),)) as peer:
        peer.barrier()
        stream = open_call(peer, DUPLEX_CALL)
        asks = grpc_message(output_request(200_000))
        chunk = asks * (DEFAULT_FRAME_SIZE // len(asks))
        for _ in range(2 * peer.peer_settings[Setting.INITIAL_WINDOW_SIZE] // len(chunk)):
            peer.send(data(stream, chunk))
        assert peer.wait_for(Type.RST_STREAM, stream=stream).code == Code.FLOW_CONTROL_ERROR
        peer.send(settings((Setting.INITIAL_WINDOW_SIZE, DEFAULT_WINDOW)))
        assert_serves(peer)
