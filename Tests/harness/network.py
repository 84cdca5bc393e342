"""A network namespace beside the one that everything else is in (network_namespaces(7))."""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import struct
from concurrent.futures import ThreadPoolExecutor

_CLONE_NEWNET = 0x40000000
_SIOCSIFFLAGS = 0x8914
_IFF_UP = 0x1


def new_network() -> ThreadPoolExecutor:
    """A thread in a network of its own, with a loopback interface; so are the processes that it starts."""
    return ThreadPoolExecutor(max_workers=1, initializer=_enter)


def _enter() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    # Of this thread alone.
    if libc.unshare(_CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", _IFF_UP))
