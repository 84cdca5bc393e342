"""The client's end of an HTTP/2 connection, by hand."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from itertools import repeat

from raw_http2 import (
    DEFAULT_FRAME_SIZE,
    PATIENCE,
    PREFACE,
    Flag,
    RawPeer,
    data,
    field_block,
    headers,
    settings,
)


class RawClient(RawPeer):
    """The client's end; streams are opened with the next odd identifier."""

    def __init__(
        self,
        address: tuple[str, int] | str,
        *,
        begins: bool = True,
        announces: tuple[tuple[int, int], ...] = (),
        source: tuple[str, int] | None = None,
        receive_buffer: int | None = None,
    ) -> None:
        """Connects, and begins with the preface and SETTINGS unless told otherwise.

        A small receive buffer, in bytes, lets the other side feel soon that nothing is read.
        """
        family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
        connected = socket.socket(family, socket.SOCK_STREAM)
        connected.settimeout(PATIENCE)
        try:
            if receive_buffer is not None:
                connected.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            if source is not None:
                connected.bind(source)
            connected.connect(address)
        except OSError:
            connected.close()
            raise
        super().__init__(connected)
        self._next_stream = 1
        if begins:
            self.send(PREFACE, settings(*announces))

    def __enter__(self) -> RawClient:
        return self

    def next_stream(self) -> int:
        """An identifier that was not used."""
        stream = self._next_stream
        self._next_stream += 2
        return stream

    def skip_to(self, stream: int) -> None:
        """Leaves identifiers below this one to those who chose them by hand."""
        self._next_stream = max(self._next_stream, stream)

    def begin(
        self, fields: Iterable[tuple[str | bytes, str | bytes]], body: bytes | None = None
    ) -> int:
        """Sends the beginning of a request; returns its stream."""
        stream = self.next_stream()
        self.send(headers(stream, field_block(fields), Flag.END_HEADERS))
        if body is not None:
            self.send_data(stream, body)
        return stream

    def request(
        self, fields: Iterable[tuple[str | bytes, str | bytes]], body: bytes | None = None
    ) -> int:
        """Sends a whole request, which ends with its fields where there is no body; returns its stream."""
        stream = self.next_stream()
        flags = Flag.END_HEADERS | (Flag.END_STREAM if body is None else Flag.NONE)
        self.send(headers(stream, field_block(fields), flags))
        if body is not None:
            self.send_data(stream, body, ends=True)
        return stream

    def send_data(self, stream: int, body: bytes, *, ends: bool = False) -> None:
        """Sends some of a body, or all of it, whatever the windows are."""
        pieces = [
            body[at : at + DEFAULT_FRAME_SIZE]
            for at in range(0, max(len(body), 1), DEFAULT_FRAME_SIZE)
        ]
        flags = [Flag.NONE] * (len(pieces) - 1) + [Flag.END_STREAM if ends else Flag.NONE]
        self.send(*map(data, repeat(stream), pieces, flags))
