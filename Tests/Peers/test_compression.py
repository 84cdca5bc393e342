"""The compressed cases of the gRPC interoperability tests, and the flags of the messages on the wire.

https://github.com/grpc/grpc/blob/master/doc/interop-test-descriptions.md
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import grpc
import grpcio_server
import pytest
from calls import INPUT_CALL, OUTPUT_CALL, UNARY_CALL, request_fields
from grpcio_server import TestService
from interop import LARGE_RESPONSE, large_request, messages, payload, services
from raw_client import RawClient
from raw_http2 import Answer, data, grpc_message
from raw_server_end import RawServerEnd
from scripted_server import HEAD, ScriptedServer, begin, end, respond, wait_for_end
from transport_peer import Server, call, outcomes

GZIP = grpc.Compression.Gzip
SUCCESS = grpc.StatusCode.OK.value[0]
INTERNAL = grpc.StatusCode.INTERNAL.value[0]
INVALID_ARGUMENT = grpc.StatusCode.INVALID_ARGUMENT.value[0]

YES = messages.BoolValue(value=True)
NO = messages.BoolValue(value=False)


def split(body: bytes) -> list[tuple[int, bytes]]:
    """The flags and messages of a body."""
    found = []
    while body:
        length = int.from_bytes(body[1:5], "big")
        found.append((body[0], body[5 : 5 + length]))
        body = body[5 + length :]
    return found


def compressed(message: object) -> bytes:
    return grpc_message(gzip.compress(message.SerializeToString()), flag=1)


def plain(message: object) -> bytes:
    return grpc_message(message.SerializeToString())


class TestServer:
    """The transport's server."""

    @pytest.fixture
    def raw(self, server: Server) -> Iterator[RawClient]:
        with RawClient(server.endpoint) as client:
            yield client

    @pytest.fixture
    def compressing_stub(self, server: Server) -> Iterator[services.TestServiceStub]:
        with grpc.insecure_channel(server.address, compression=GZIP) as channel:
            yield services.TestServiceStub(channel)

    def test_client_compressed_unary(
        self, stub: services.TestServiceStub, compressing_stub: services.TestServiceStub
    ) -> None:
        with pytest.raises(grpc.RpcError) as error:
            stub.UnaryCall(large_request(expect_compressed=YES))
        assert error.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        for each, expected in ((compressing_stub, YES), (stub, NO)):
            response = each.UnaryCall(large_request(expect_compressed=expected))
            assert response.payload == payload(LARGE_RESPONSE)

    @pytest.mark.parametrize(
        ("expected", "status"), ((YES, INVALID_ARGUMENT), (NO, SUCCESS)), ids=("probe", "plain")
    )
    def test_plain_message(
        self, raw: RawClient, expected: messages.BoolValue, status: int
    ) -> None:
        request = messages.StreamingInputCallRequest(expect_compressed=expected)
        fields = request_fields(INPUT_CALL, grpc_encoding="gzip")
        assert raw.answer(raw.request(fields, plain(request))).grpc_status == status

    def test_client_compressed_streaming(self, raw: RawClient) -> None:
        """One message compressed and one not, in one call."""

        def request(size: int, expected: messages.BoolValue) -> object:
            return messages.StreamingInputCallRequest(
                payload=payload(size), expect_compressed=expected
            )

        body = compressed(request(27182, YES)) + plain(request(45904, NO))
        stream = raw.begin(request_fields(INPUT_CALL, grpc_encoding="gzip"))
        # A frame has at most 16 KiB.
        for at in range(0, len(body), 16_384):
            raw.send_data(stream, body[at : at + 16_384], ends=at + 16_384 >= len(body))
        answer = raw.answer(stream)
        [(_, response)] = split(answer.body)
        aggregated = messages.StreamingInputCallResponse.FromString(response)
        assert (answer.grpc_status, aggregated.aggregated_payload_size) == (SUCCESS, 73086)

    @pytest.mark.parametrize("wanted", (True, False), ids=("compressed", "plain"))
    def test_server_compressed_unary(self, raw: RawClient, wanted: bool) -> None:
        request = large_request(response_compressed=YES if wanted else NO)
        answer = self._call(raw, UNARY_CALL, compressed(request))
        assert answer["grpc-encoding"] == ("gzip" if wanted else None)
        [(flag, message)] = split(answer.body)
        assert flag == int(wanted)
        response = messages.SimpleResponse.FromString(
            gzip.decompress(message) if wanted else message
        )
        assert response.payload == payload(LARGE_RESPONSE)

    def test_server_compressed_streaming(self, raw: RawClient) -> None:
        request = messages.StreamingOutputCallRequest(
            response_parameters=[
                messages.ResponseParameters(size=31415, compressed=YES),
                messages.ResponseParameters(size=92653, compressed=NO),
            ]
        )
        answer = self._call(raw, OUTPUT_CALL, plain(request))
        [first, second] = split(answer.body)
        assert (first[0], second[0]) == (1, 0)
        sizes = [
            len(messages.StreamingOutputCallResponse.FromString(message).payload.body)
            for message in (gzip.decompress(first[1]), second[1])
        ]
        assert sizes == [31415, 92653]

    def test_nothing_is_compressed_that_the_client_does_not_accept(self, raw: RawClient) -> None:
        request = large_request(response_compressed=YES)
        fields = request_fields(UNARY_CALL, grpc_encoding="gzip")
        answer = raw.answer(raw.request(fields, compressed(request)))
        assert answer["grpc-encoding"] is None
        assert [flag for flag, _ in split(answer.body)] == [0]

    @staticmethod
    def _call(raw: RawClient, path: str, body: bytes) -> Answer:
        fields = request_fields(path, grpc_encoding="gzip", grpc_accept_encoding="identity,gzip")
        return raw.answer(raw.request(fields, body))


class TestClient:
    """The transport's client."""

    @pytest.mark.parametrize(
        "case",
        (
            "client_compressed_unary",
            "client_compressed_streaming",
            "server_compressed_unary",
            "server_compressed_streaming",
        ),
    )
    def test_case(self, server: Server, case: str) -> None:
        # grpcio does not tell its handlers what was compressed.
        call(case, server.address, "--enabled-algorithms", "gzip")

    @pytest.mark.parametrize("algorithm", ("gzip", "none"))
    def test_grpcio_reads_and_answers(self, algorithm: str) -> None:
        with grpcio_server.serving(TestService(), compression=GZIP) as address:
            [outcome] = outcomes(
                address, "--enabled-algorithms", "gzip", "--compression", algorithm
            )
        assert (outcome.status, outcome.size) == (SUCCESS, LARGE_RESPONSE)

    @pytest.mark.parametrize("algorithm", ("gzip", "none"))
    def test_request_on_the_wire(self, algorithm: str) -> None:
        def script(connection: RawServerEnd) -> None:
            request = connection.request()
            [(flag, message)] = split(request.body)
            is_compressed = algorithm == "gzip"
            assert flag == int(is_compressed)
            assert request["grpc-encoding"] == ("gzip" if is_compressed else None)
            assert "gzip" in request["grpc-accept-encoding"].split(",")
            assert large_request() == messages.SimpleRequest.FromString(
                gzip.decompress(message) if is_compressed else message
            )
            respond(connection, request.stream)
            wait_for_end(connection)

        with ScriptedServer(script) as server:
            [outcome] = outcomes(
                server.address, "--enabled-algorithms", "gzip", "--compression", algorithm
            )
        assert outcome.status == SUCCESS

    @pytest.mark.parametrize(
        ("encoding", "enabled", "status"),
        (
            ("gzip", "gzip", SUCCESS),
            ("gzip", "none", INTERNAL),
            ("identity", "gzip", INTERNAL),
            (None, "gzip", INTERNAL),
            ("snappy", "gzip", INTERNAL),
        ),
    )
    def test_compressed_response(
        self, encoding: str | None, enabled: str, status: int
    ) -> None:
        declared = () if encoding is None else (("grpc-encoding", encoding),)

        def script(connection: RawServerEnd) -> None:
            stream = connection.request().stream
            begin(connection, stream, (*HEAD, *declared))
            connection.send(
                data(stream, compressed(messages.SimpleResponse(payload=payload(5000))))
            )
            end(connection, stream)
            wait_for_end(connection)

        with ScriptedServer(script) as server:
            [outcome] = outcomes(server.address, "--enabled-algorithms", enabled)
        assert (outcome.status, outcome.size) == (status, 5000 if status == SUCCESS else None)
