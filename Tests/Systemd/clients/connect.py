"""Connects to addresses again and again until SIGTERM, and says what became of it.

    connect.py ADDRESS...        127.0.0.1:PORT or a socket's path

Each connection waits until it is served: the server's first frame is its SETTINGS. "ready" on standard
output says that every address served; the last lines are `ADDRESS served N refused N unserved N
interrupted N`. One that was accepted by a process that then died is interrupted; one that is not taken is refused;
one that nobody serves for a minute is unserved.
"""

from __future__ import annotations

import signal
import socket
import sys
import threading
from collections import Counter

# RFC 9113, section 3.4: the preface, and an empty SETTINGS frame.
_HELLO = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0"
_FRAME_HEADER = 9
# Longer than any restart takes.
_PATIENCE = 60.0
# A pause, so that the clients leave the machine to those they wait for.
_PAUSE = 0.005

_stopped = threading.Event()


def _connect(address: str) -> socket.socket:
    if address.startswith("/"):
        connection = socket.socket(socket.AF_UNIX)
    else:
        connection = socket.socket(socket.AF_INET)
    connection.settimeout(_PATIENCE)
    host, _, port = address.rpartition(":")
    connection.connect(address if address.startswith("/") else (host, int(port)))
    return connection


def _outcome(address: str) -> str:
    try:
        connection = _connect(address)
    except OSError as error:
        print(f"{address}: {error}", file=sys.stderr)
        return "refused"
    with connection:
        try:
            connection.sendall(_HELLO)
            return "served" if connection.recv(_FRAME_HEADER) else "interrupted"
        except ConnectionError:
            return "interrupted"
        except TimeoutError:
            return "unserved"


def _go_on(address: str, outcomes: Counter[str]) -> None:
    while not _stopped.wait(_PAUSE):
        outcomes[_outcome(address)] += 1


def main(addresses: list[str]) -> None:
    signal.signal(signal.SIGTERM, lambda *_: _stopped.set())
    counts = {address: Counter[str]([_outcome(address)]) for address in addresses}
    threads = [threading.Thread(target=_go_on, args=each) for each in counts.items()]
    for thread in threads:
        thread.start()
    print("ready", flush=True)
    for thread in threads:
        thread.join()
    for address, outcomes in counts.items():
        kinds = ("served", "refused", "unserved", "interrupted")
        print(address, *(f"{kind} {outcomes[kind]}" for kind in kinds))


main(sys.argv[1:])
