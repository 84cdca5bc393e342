"""A case of a protocol suite: what a client sends, and what it must make of the connection or the stream."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

import pytest

from calls import assert_serves, call, held_call, open_call
from raw_client import RawClient
from raw_http2 import Closed, Code, Frame, Type, rst_stream

Address = tuple[str, int]
# Seconds to wait for what is not expected to come.
SHORT_PATIENCE = 0.5


class Outcome(Protocol):
    def check(self, peer: RawClient, address: Address) -> None: ...


@dataclass(frozen=True)
class ConnectionEnds:
    """A connection error (RFC 9113, section 5.4.1): GOAWAY with the code, then the end; others are served."""

    code: Code

    def check(self, peer: RawClient, address: Address) -> None:
        codes = [frame.code for frame in peer.rest() if frame.type == Type.GOAWAY]
        assert codes == [self.code], f"not GOAWAY with {self.code!r} but {codes}"
        _assert_serves_others(address)


@dataclass(frozen=True)
class Closes:
    """The connection is closed, with or without a word (section 3.4); others are served."""

    def check(self, peer: RawClient, address: Address) -> None:
        peer.rest()
        _assert_serves_others(address)


@dataclass(frozen=True)
class StreamEnds:
    """A stream error (section 5.4.2): RST_STREAM with the code; other streams go on."""

    code: Code
    stream: int = 1

    def check(self, peer: RawClient, address: Address) -> None:
        code = peer.wait_for(Type.RST_STREAM, stream=self.stream).code
        assert code == self.code, f"not RST_STREAM with {self.code!r} but {code!r}"
        _assert_goes_on(peer)


@dataclass(frozen=True)
class GoesOn:
    """No error at all: nothing is reset, and the connection serves."""

    def check(self, peer: RawClient, address: Address) -> None:
        _assert_goes_on(peer)


def _assert_serves_others(address: Address) -> None:
    with RawClient(address) as other:
        assert_serves(other)


def _assert_goes_on(peer: RawClient) -> None:
    peer.barrier()
    peer.skip_to(101)
    assert_serves(peer)
    unexpected = [f for f in peer.passed if f.type in (Type.GOAWAY, Type.RST_STREAM)]
    assert not unexpected, f"unexpected: {unexpected}"


# What the first stream is when the case begins.


def idle(_: RawClient) -> None:
    """Never used."""


def opened(peer: RawClient) -> None:
    """Both sides are open."""
    open_call(peer)
    peer.barrier()


def half_closed(peer: RawClient) -> None:
    """The client has ended its side, and the server has not."""
    held_call(peer)


def closed(peer: RawClient) -> None:
    """Both sides have ended."""
    peer.answer(call(peer))


def reset(peer: RawClient) -> None:
    """The client has reset it."""
    peer.send(rst_stream(open_call(peer)))
    peer.barrier()


@dataclass(frozen=True)
class Case:
    """What is sent after the connection was set up and the first stream brought into a state."""

    # The section of the specification, and what is done.
    name: str
    sent: Iterable[Frame | bytes]
    outcome: Outcome
    state: Callable[[RawClient], None] = idle
    # Why the server does something else, where it does: the case is then expected to fail.
    deviation: str | None = None

    def run(self, address: Address) -> None:
        with RawClient(address) as peer:
            self.state(peer)
            if self.deviation:
                peer.patience = SHORT_PATIENCE
            peer.send(*self.sent)
            try:
                self.outcome.check(peer, address)
            except Closed as closed_early:
                seen = [frame for frame in peer.passed if frame.type == Type.GOAWAY]
                raise AssertionError(f"the connection ended, after {seen}") from closed_early


def table(cases: list[Case]) -> pytest.MarkDecorator:
    """Makes a test of each case."""

    def marks(case: Case) -> list[pytest.MarkDecorator]:
        return [pytest.mark.xfail(strict=True, reason=case.deviation)] if case.deviation else []

    return pytest.mark.parametrize(
        "case", [pytest.param(case, id=case.name, marks=marks(case)) for case in cases]
    )
