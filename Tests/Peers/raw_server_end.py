"""The server's end of an HTTP/2 connection, by hand."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass

from raw_http2 import (
    DEFAULT_WINDOW,
    PREFACE,
    Flag,
    Frame,
    RawPeer,
    Setting,
    Type,
    data,
    settings,
)


@dataclass(frozen=True)
class Request:
    """A whole request."""

    stream: int
    headers: list[tuple[str, str]]
    body: bytes

    def __getitem__(self, name: str) -> str | None:
        return dict(self.headers).get(name)


class RawServerEnd(RawPeer):
    """The server's end of a connection that a client made."""

    def __init__(
        self,
        accepted: socket.socket,
        *,
        begins: bool = True,
        announces: tuple[tuple[int, int], ...] = (),
    ) -> None:
        """Reads the client's preface, and begins with SETTINGS unless told otherwise."""
        super().__init__(accepted)
        # What the client lets this side send: on the connection, and on each stream.
        self._window = DEFAULT_WINDOW
        self._windows: dict[int, int] = {}
        preface = self._read(len(PREFACE), time.monotonic() + self.patience)[: len(PREFACE)]
        if preface != PREFACE:
            raise AssertionError(f"no preface: {preface!r}")
        del self._unread[: len(PREFACE)]
        if begins:
            self.send(settings(*announces))

    def __enter__(self) -> RawServerEnd:
        return self

    def request(self) -> Request:
        """The next request, up to its end."""
        head = self.wait_for(Type.HEADERS)
        body = b""
        last = head
        while not last.ends_stream:
            last = self.wait_for(Type.DATA, stream=head.stream)
            body += last.payload
        return Request(head.stream, list(head.fields), body)

    @property
    def passed_requests(self) -> list[Frame]:
        """The beginnings of requests that nobody asked for."""
        return [frame for frame in self.passed if frame.type == Type.HEADERS]

    def send_body(self, stream: int, body: bytes, *, piece: int, padding: int | None = None) -> None:
        """Sends DATA frames of so many bytes and, where that is given, so much padding; as the windows allow."""
        for at in range(0, len(body), piece):
            payload, flags = body[at : at + piece], Flag.NONE
            if padding is not None:
                payload, flags = bytes([padding]) + payload + bytes(padding), Flag.PADDED
            while min(self._window, self._window_of(stream)) < len(payload):
                self.passed.append(self.receive())
            self._window -= len(payload)
            self._windows[stream] = self._window_of(stream) - len(payload)
            self.send(data(stream, payload, flags))

    def _window_of(self, stream: int) -> int:
        initial = self.peer_settings.get(Setting.INITIAL_WINDOW_SIZE, DEFAULT_WINDOW)
        return self._windows.get(stream, initial)

    def _follow(self, frame: Frame) -> None:
        super()._follow(frame)
        if frame.type == Type.WINDOW_UPDATE:
            increment = int.from_bytes(frame.payload, "big")
            if frame.stream == 0:
                self._window += increment
            else:
                self._windows[frame.stream] = self._window_of(frame.stream) + increment
