"""The contracts of the gRPC interoperability tests in Python, and what their cases share."""

from __future__ import annotations

from harness.generation import make_importable
from harness.places import GENERATED_PEER, PEER_CONTRACTS

make_importable(PEER_CONTRACTS, sorted(PEER_CONTRACTS.glob("*.proto")), GENERATED_PEER)

import empty_pb2  # noqa: E402
import messages_pb2 as messages  # noqa: E402
import test_pb2_grpc as services  # noqa: E402

__all__ = ["Empty", "messages", "services"]

Empty = empty_pb2.Empty

INITIAL_KEY = "x-grpc-test-echo-initial"
TRAILING_KEY = "x-grpc-test-echo-trailing-bin"
SPECIAL_MESSAGE = (
    "\t\ntest with whitespace\r\nand Unicode BMP \N{WHITE SMILING FACE}"
    " and non-BMP \N{SMILING FACE WITH HORNS}\t\n"
)
# Bytes.
LARGE_REQUEST = 271_828
LARGE_RESPONSE = 314_159


def large_request(**fields: object) -> messages.SimpleRequest:
    """The request that most cases send."""
    return messages.SimpleRequest(
        response_size=LARGE_RESPONSE, payload=payload(LARGE_REQUEST), **fields
    )


def payload(size: int) -> messages.Payload:
    return messages.Payload(body=bytes(size))


def output_request(*sizes: int, carries: int = 0) -> messages.StreamingOutputCallRequest:
    """A request for messages of these sizes, with a payload of its own."""
    return messages.StreamingOutputCallRequest(
        response_parameters=[messages.ResponseParameters(size=size) for size in sizes],
        payload=payload(carries),
    )
