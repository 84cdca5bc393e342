"""grpcio's server of the gRPC interoperability tests."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import grpc
from interop import INITIAL_KEY, TRAILING_KEY, Empty, messages, payload, services

# Handlers block their thread.
_THREADS = 16


class TestService(services.TestServiceServicer):
    """The service as described, and what its calls looked like to their handlers."""

    __test__ = False

    def __init__(self) -> None:
        self.was_cancelled = threading.Event()
        # Seconds that the last unary call had left; None where it had no limit.
        self.time_remaining: float | None = None
        # Set, a unary call is held until its client has left.
        self.holds_unary_calls = False

    def EmptyCall(self, request: Empty, context: grpc.ServicerContext) -> Empty:
        self._begin(context)
        return Empty()

    def UnaryCall(
        self, request: messages.SimpleRequest, context: grpc.ServicerContext
    ) -> messages.SimpleResponse:
        self._begin(context)
        self.time_remaining = context.time_remaining()
        if self.holds_unary_calls:
            self.was_cancelled.wait()
        _end_as_asked(request, context)
        return messages.SimpleResponse(payload=payload(request.response_size))

    def StreamingOutputCall(
        self, request: messages.StreamingOutputCallRequest, context: grpc.ServicerContext
    ) -> Iterator[messages.StreamingOutputCallResponse]:
        self._begin(context)
        yield from _responses(request, context)

    def StreamingInputCall(
        self,
        requests: Iterator[messages.StreamingInputCallRequest],
        context: grpc.ServicerContext,
    ) -> messages.StreamingInputCallResponse:
        self._begin(context)
        size = sum(len(request.payload.body) for request in requests)
        return messages.StreamingInputCallResponse(aggregated_payload_size=size)

    def FullDuplexCall(
        self,
        requests: Iterator[messages.StreamingOutputCallRequest],
        context: grpc.ServicerContext,
    ) -> Iterator[messages.StreamingOutputCallResponse]:
        self._begin(context)
        for request in requests:
            yield from _responses(request, context)

    def _begin(self, context: grpc.ServicerContext) -> None:
        """Notes the end of a call that the client gives up, and echoes metadata."""
        context.add_callback(lambda: context.code() or self.was_cancelled.set())
        for key, value in context.invocation_metadata():
            if key == INITIAL_KEY:
                context.send_initial_metadata(((key, value),))
            elif key == TRAILING_KEY:
                context.set_trailing_metadata(((key, value),))


def _responses(
    request: messages.StreamingOutputCallRequest, context: grpc.ServicerContext
) -> Iterator[messages.StreamingOutputCallResponse]:
    _end_as_asked(request, context)
    for parameters in request.response_parameters:
        yield messages.StreamingOutputCallResponse(payload=payload(parameters.size))


def _end_as_asked(
    request: messages.SimpleRequest | messages.StreamingOutputCallRequest,
    context: grpc.ServicerContext,
) -> None:
    status = request.response_status
    if status.code != 0:
        codes = {code.value[0]: code for code in grpc.StatusCode}
        context.abort(codes[status.code], status.message)


@contextmanager
def serving(
    service: services.TestServiceServicer,
    address: str = "127.0.0.1:0",
    *,
    compression: grpc.Compression = grpc.Compression.NoCompression,
    **options: object,
) -> Iterator[str]:
    """Serves for the time of a block; yields the address."""
    with ThreadPoolExecutor(_THREADS) as threads:
        # Two servers never share a port, as SO_REUSEPORT would let them.
        settings = {"grpc.so_reuseport": 0, **options}
        server = grpc.server(
            threads, options=tuple(settings.items()), compression=compression
        )
        services.add_TestServiceServicer_to_server(service, server)
        port = server.add_insecure_port(address)
        server.start()
        try:
            yield address.replace(":0", f":{port}")
        finally:
            server.stop(grace=None).wait()
