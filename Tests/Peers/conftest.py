"""Fixtures: the program under test as a server, and grpcio at the other end."""

from __future__ import annotations

from collections.abc import Iterator

import grpc
import pytest
from interop import services
from transport_peer import PROGRAM, Server

pytest_plugins = ["figures"]


@pytest.fixture(scope="session", autouse=True)
def program_is_built() -> None:
    if not PROGRAM.exists():
        pytest.exit(f"no {PROGRAM}: run `swift build --product transport-peer` first", returncode=1)


@pytest.fixture(scope="session", params=["false", "true"], ids=["router", "direct"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """The transport's server with its default configuration, which all tests share.

    Its unary methods are answered behind GRPCCore's router, and then by the transport itself, with the same
    outcomes. It ends well, whatever they did to it.
    """
    with Server("--direct", request.param) as serving:
        yield serving
        assert serving.stop() == 0


@pytest.fixture
def stub(server: Server) -> Iterator[services.TestServiceStub]:
    """grpcio's client of that server."""
    with grpc.insecure_channel(server.address) as channel:
        yield services.TestServiceStub(channel)
