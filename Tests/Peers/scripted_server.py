"""A server that does what a test says, connection by connection."""

from __future__ import annotations

import queue
import socket
import threading
from collections.abc import Callable, Iterable

from interop import LARGE_RESPONSE, messages, payload
from raw_http2 import (
    PATIENCE,
    Flag,
    data,
    field_block,
    grpc_message,
    headers,
)
from raw_server_end import RawServerEnd

Fields = Iterable[tuple[str | bytes, str | bytes]]
Script = Callable[[RawServerEnd], None]

HEAD = ((":status", "200"), ("content-type", "application/grpc"))
OK = (("grpc-status", "0"),)
RESPONSE = grpc_message(
    messages.SimpleResponse(payload=payload(LARGE_RESPONSE)).SerializeToString()
)
SMALL_RESPONSE = grpc_message(messages.SimpleResponse(payload=payload(3)).SerializeToString())


class ScriptedServer:
    """Plays a script for each connection that is made, in their order; later ones are not accepted.

    What a script raises is raised again where the block ends, as are scripts that never began.
    """

    def __init__(
        self,
        *scripts: Script,
        begins: bool = True,
        announces: tuple[tuple[int, int], ...] = (),
    ) -> None:
        """A server that does not begin sends no SETTINGS."""
        self._scripts = scripts
        self._begins = begins
        self._announces = announces
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(PATIENCE)
        self._errors: queue.SimpleQueue[BaseException] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._serve)
        self.address = "127.0.0.1:{}".format(self._listener.getsockname()[1])

    def __enter__(self) -> ScriptedServer:
        self._thread.start()
        return self

    def __exit__(self, error_type: type[BaseException] | None, *_: object) -> None:
        self._thread.join()
        if error_type is None and not self._errors.empty():
            raise self._errors.get()

    def _serve(self) -> None:
        players = []
        try:
            for script in self._scripts:
                accepted, _ = self._listener.accept()
                players.append(threading.Thread(target=self._play, args=(script, accepted)))
                players[-1].start()
        except TimeoutError as error:
            error.add_note(f"{len(players)} of {len(self._scripts)} connections were made")
            self._errors.put(error)
        finally:
            # What comes now is refused.
            self._listener.close()
            for player in players:
                player.join()

    def _play(self, script: Script, accepted: socket.socket) -> None:
        try:
            with RawServerEnd(
                accepted, begins=self._begins, announces=self._announces
            ) as connection:
                script(connection)
        except BaseException as error:
            self._errors.put(error)


def begin(connection: RawServerEnd, stream: int, fields: Fields = HEAD) -> None:
    """Sends the head of a response."""
    connection.send(headers(stream, field_block(fields), Flag.END_HEADERS))


def end(connection: RawServerEnd, stream: int, fields: Fields = OK) -> None:
    """Sends the trailers of a response."""
    connection.send(headers(stream, field_block(fields)))


def respond(connection: RawServerEnd, stream: int, body: bytes = SMALL_RESPONSE) -> None:
    """Sends a whole response that the windows allow."""
    begin(connection, stream)
    connection.send(data(stream, body))
    end(connection, stream)


def wait_for_end(connection: RawServerEnd) -> None:
    """Reads until the client has closed the connection."""
    connection.passed = connection.rest()
