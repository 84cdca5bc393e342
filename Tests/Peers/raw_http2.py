"""HTTP/2 by hand (RFC 9113): frames as bytes, broken ones too, and a peer that sends only what it is told.

Nothing here checks what it sends, so that a test can send what no library would.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum, IntFlag

import hpack

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
HEADER_SIZE = 9
DEFAULT_FRAME_SIZE = 16_384
DEFAULT_WINDOW = 65_535
MAXIMUM_WINDOW = 2**31 - 1
# Seconds that an answer may take before its absence is a failure.
PATIENCE = 10.0


class Type(IntEnum):
    """Frame types (section 6)."""

    DATA = 0
    HEADERS = 1
    PRIORITY = 2
    RST_STREAM = 3
    SETTINGS = 4
    PUSH_PROMISE = 5
    PING = 6
    GOAWAY = 7
    WINDOW_UPDATE = 8
    CONTINUATION = 9


class Flag(IntFlag):
    """Frame flags; END_STREAM and ACK are the same bit."""

    NONE = 0x0
    END_STREAM = 0x1
    ACK = 0x1
    END_HEADERS = 0x4
    PADDED = 0x8
    PRIORITY = 0x20


class Code(IntEnum):
    """Error codes (section 7)."""

    NO_ERROR = 0x0
    PROTOCOL_ERROR = 0x1
    INTERNAL_ERROR = 0x2
    FLOW_CONTROL_ERROR = 0x3
    SETTINGS_TIMEOUT = 0x4
    STREAM_CLOSED = 0x5
    FRAME_SIZE_ERROR = 0x6
    REFUSED_STREAM = 0x7
    CANCEL = 0x8
    COMPRESSION_ERROR = 0x9
    CONNECT_ERROR = 0xA
    ENHANCE_YOUR_CALM = 0xB
    INADEQUATE_SECURITY = 0xC
    HTTP_1_1_REQUIRED = 0xD


class Setting(IntEnum):
    """Settings (section 6.5.2)."""

    HEADER_TABLE_SIZE = 1
    ENABLE_PUSH = 2
    MAX_CONCURRENT_STREAMS = 3
    INITIAL_WINDOW_SIZE = 4
    MAX_FRAME_SIZE = 5
    MAX_HEADER_LIST_SIZE = 6


@dataclass(frozen=True)
class Frame:
    """A frame as it is on the wire; any of it may be nonsense."""

    type: int
    flags: int = 0
    stream: int = 0
    payload: bytes = b""
    # Of a HEADERS frame that was received, as decoded.
    fields: tuple[tuple[str, str], ...] = ()

    def __bytes__(self) -> bytes:
        return (
            len(self.payload).to_bytes(3, "big")
            + bytes([self.type, self.flags])
            + self.stream.to_bytes(4, "big")
            + self.payload
        )

    @property
    def ends_stream(self) -> bool:
        carries_it = self.type in (Type.DATA, Type.HEADERS)
        return carries_it and bool(self.flags & Flag.END_STREAM)

    @property
    def code(self) -> Code:
        """The error code of RST_STREAM or GOAWAY."""
        offset = 4 if self.type == Type.GOAWAY else 0
        return Code(int.from_bytes(self.payload[offset : offset + 4], "big"))


def data(stream: int, payload: bytes = b"", flags: int = 0) -> Frame:
    return Frame(Type.DATA, flags, stream, payload)


def headers(stream: int, block: bytes, flags: int = Flag.END_HEADERS | Flag.END_STREAM) -> Frame:
    return Frame(Type.HEADERS, flags, stream, block)


def continuation(stream: int, block: bytes, flags: int = Flag.END_HEADERS) -> Frame:
    return Frame(Type.CONTINUATION, flags, stream, block)


def priority(stream: int, depends_on: int = 0, weight: int = 15) -> Frame:
    return Frame(Type.PRIORITY, 0, stream, depends_on.to_bytes(4, "big") + bytes([weight]))


def rst_stream(stream: int, code: int = Code.CANCEL) -> Frame:
    return Frame(Type.RST_STREAM, 0, stream, code.to_bytes(4, "big"))


def settings(*entries: tuple[int, int]) -> Frame:
    payload = b"".join(key.to_bytes(2, "big") + value.to_bytes(4, "big") for key, value in entries)
    return Frame(Type.SETTINGS, payload=payload)


def settings_ack() -> Frame:
    return Frame(Type.SETTINGS, Flag.ACK)


def ping(opaque: bytes = bytes(8), flags: int = 0) -> Frame:
    return Frame(Type.PING, flags, payload=opaque)


def goaway(last_stream: int, code: int = Code.NO_ERROR, debug: bytes = b"") -> Frame:
    return Frame(
        Type.GOAWAY, payload=last_stream.to_bytes(4, "big") + code.to_bytes(4, "big") + debug
    )


def window_update(stream: int, increment: int) -> Frame:
    return Frame(Type.WINDOW_UPDATE, 0, stream, increment.to_bytes(4, "big"))


def hpack_integer(value: int, prefix_bits: int, first: int = 0) -> bytes:
    """An integer with the bits of its first byte that it leaves free (RFC 7541, section 5.1)."""
    limit = (1 << prefix_bits) - 1
    if value < limit:
        return bytes([first | value])
    encoded = bytearray([first | limit])
    value -= limit
    while value >= 128:
        encoded.append(value & 127 | 128)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def field_line(name: str | bytes, value: str | bytes, *, indexed: bool = False) -> bytes:
    """A literal field with a literal name, which needs no dynamic table (RFC 7541, section 6.2.2).

    Indexed, it is added to the dynamic table (section 6.2.1).
    """
    raw = [text.encode() if isinstance(text, str) else text for text in (name, value)]
    return (b"\x40" if indexed else b"\x00") + b"".join(
        hpack_integer(len(text), 7) + text for text in raw
    )


def field_block(fields: Iterable[tuple[str | bytes, str | bytes]]) -> bytes:
    return b"".join(field_line(name, value) for name, value in fields)


def grpc_message(message: bytes = b"", flag: int = 0) -> bytes:
    """A message behind its prefix ("Length-Prefixed-Message")."""
    return bytes([flag]) + len(message).to_bytes(4, "big") + message


@dataclass
class Answer:
    """What came back on one stream, up to its end or reset."""

    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    trailers: list[tuple[str, str]] = field(default_factory=list)
    reset: Code | None = None

    def __getitem__(self, name: str) -> str | None:
        """A field of the trailers or the headers."""
        return dict(self.headers + self.trailers).get(name)

    @property
    def grpc_status(self) -> int | None:
        status = self["grpc-status"]
        return None if status is None else int(status)


class Closed(Exception):
    """The other side has closed the connection, or reset it."""


class RawPeer:
    """One end of a connection.

    Reading answers PINGs and SETTINGS of the other side as long as `polite` is set, and gives window
    back for DATA as long as `generous` is.
    """

    def __init__(self, connected: socket.socket) -> None:
        self.socket = connected
        self.socket.settimeout(PATIENCE)
        if connected.family != socket.AF_UNIX:
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.polite = True
        self.generous = True
        # Header fields of what is received; without them reading is faster.
        self.decodes = True
        # Seconds.
        self.patience = PATIENCE
        self.decoder = hpack.Decoder()
        self.peer_settings: dict[int, int] = {}
        self._unread = bytearray()
        # Frames that were read in search of another one.
        self.passed: list[Frame] = []

    def __enter__(self) -> RawPeer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.socket.close()

    def send(self, *parts: Frame | bytes) -> None:
        """Sends frames, and bytes as they are.

        Where the other side has closed the connection, what it said before is still to be read.
        """
        try:
            self.socket.sendall(b"".join(map(bytes, parts)))
        except (BrokenPipeError, ConnectionResetError):
            pass

    def receive(self) -> Frame:
        """The next frame.

        Raises Closed at the end, and TimeoutError where its patience ends before.
        """
        deadline = time.monotonic() + self.patience
        head = self._read(HEADER_SIZE, deadline)
        length = int.from_bytes(head[:3], "big")
        payload = self._read(HEADER_SIZE + length, deadline)[HEADER_SIZE:]
        del self._unread[: HEADER_SIZE + length]
        stream = int.from_bytes(head[5:9], "big") & MAXIMUM_WINDOW
        # Decoded in the order of the wire, whoever waits for it: blocks refer to earlier ones.
        is_block = head[3] == Type.HEADERS and self.decodes
        fields = self.decoder.decode(payload) if is_block else ()
        frame = Frame(head[3], head[4], stream, payload, tuple((str(k), str(v)) for k, v in fields))
        self._follow(frame)
        return frame

    def wait_for(self, frame_type: Type, *, stream: int | None = None, flags: int = 0) -> Frame:
        """The next frame of a type, on a stream and with flags where those are given; the others are kept."""

        def is_it(frame: Frame) -> bool:
            return (
                frame.type == frame_type
                and stream in (None, frame.stream)
                and frame.flags & flags == flags
            )

        for index, frame in enumerate(self.passed):
            if is_it(frame):
                return self.passed.pop(index)
        while True:
            frame = self.receive()
            if is_it(frame):
                return frame
            self.passed.append(frame)

    def barrier(self) -> None:
        """Returns once the other side has read everything that was sent before."""
        mark = int(time.monotonic_ns()).to_bytes(8, "big")
        self.send(ping(mark))
        while self.wait_for(Type.PING, flags=Flag.ACK).payload != mark:
            pass

    def answer(self, stream: int) -> Answer:
        """What comes on a stream until the other side ends or resets it."""
        answer = Answer()
        passed, self.passed = self.passed, []
        while True:
            frame = passed.pop(0) if passed else self.receive()
            if frame.stream != stream:
                self.passed.append(frame)
                continue
            if frame.type == Type.HEADERS:
                if answer.headers:
                    answer.trailers = list(frame.fields)
                else:
                    answer.headers = list(frame.fields)
            elif frame.type == Type.DATA:
                answer.body += frame.payload
            elif frame.type == Type.RST_STREAM:
                answer.reset = frame.code
            if frame.ends_stream or frame.type == Type.RST_STREAM:
                self.passed += passed
                return answer

    def rest(self) -> list[Frame]:
        """Everything up to the end of the connection."""
        frames, self.passed = self.passed, []
        try:
            while True:
                frames.append(self.receive())
        except Closed:
            return frames

    def read_what_is_there(self) -> None:
        """Takes what has arrived off the socket, and looks at none of it now."""
        self.socket.settimeout(0)
        try:
            while received := self.socket.recv(1 << 18):
                self._unread += received
        except (BlockingIOError, ConnectionResetError):
            pass
        finally:
            self.socket.settimeout(PATIENCE)

    def _read(self, count: int, deadline: float) -> bytes:
        """At least so many bytes, which stay unread."""
        while len(self._unread) < count:
            left = deadline - time.monotonic()
            # Zero would mean not to wait at all.
            self.socket.settimeout(max(left, 0.001))
            try:
                received = self.socket.recv(1 << 18)
            except TimeoutError as error:
                raise TimeoutError("no frame came, and the connection is open") from error
            except ConnectionResetError as error:
                raise Closed("reset") from error
            finally:
                self.socket.settimeout(PATIENCE)
            if not received:
                raise Closed("closed")
            self._unread += received
        return bytes(self._unread[:count])

    def _follow(self, frame: Frame) -> None:
        if frame.type == Type.SETTINGS and not frame.flags & Flag.ACK:
            for at in range(0, len(frame.payload), 6):
                key = int.from_bytes(frame.payload[at : at + 2], "big")
                self.peer_settings[key] = int.from_bytes(frame.payload[at + 2 : at + 6], "big")
            if self.polite:
                self.send(settings_ack())
        elif frame.type == Type.PING and not frame.flags & Flag.ACK and self.polite:
            self.send(ping(frame.payload, Flag.ACK))
        elif frame.type == Type.DATA and frame.payload and self.generous:
            # One for the connection, and one for the stream while it goes on.
            updates = [window_update(0, len(frame.payload))]
            if not frame.ends_stream:
                updates.append(window_update(frame.stream, len(frame.payload)))
            self.send(*updates)
