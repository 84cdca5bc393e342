"""Header compression (RFC 7541): a block that cannot be decoded ends the connection, since the two sides
would no longer hold the same table."""

from __future__ import annotations

from calls import EMPTY_CALL, OK, call, request_block, request_fields
from protocol_case import Case, ConnectionEnds, GoesOn, opened, table
from raw_client import RawClient
from raw_http2 import (
    Code,
    Flag,
    Frame,
    Setting,
    data,
    field_block,
    field_line,
    grpc_message,
    headers,
    hpack_integer,
)
from transport_peer import Server

COMPRESSION_ERROR = ConnectionEnds(Code.COMPRESSION_ERROR)
REQUEST = request_block(EMPTY_CALL)
STATIC_TABLE = 61
TABLE_SIZE = 4096
# Longer than any integer of 64 bits.
ENDLESS = b"\xff" * 10 + b"\x7f"


def request(block: bytes) -> list[Frame]:
    return [
        headers(1, block, Flag.END_HEADERS),
        data(1, grpc_message(), Flag.END_STREAM),
    ]


def indexed(index: int) -> bytes:
    return hpack_integer(index, 7, 0x80)


def table_size(size: int) -> bytes:
    return hpack_integer(size, 5, 0x20)


@table(
    [
        Case(
            "2.3.3-index-beyond-the-tables",
            request(REQUEST + indexed(STATIC_TABLE + 1)),
            COMPRESSION_ERROR,
        ),
        Case(
            "2.3.3-name-beyond-the-tables",
            request(REQUEST + hpack_integer(STATIC_TABLE + 1, 6, 0x40) + b"\1x"),
            COMPRESSION_ERROR,
        ),
        Case(
            "2.3.3-first-of-the-dynamic-table",
            request(REQUEST + field_line("a", "b", indexed=True) + indexed(STATIC_TABLE + 1)),
            GoesOn(),
        ),
        Case("4.2-table-size", request(table_size(0) + table_size(TABLE_SIZE) + REQUEST), GoesOn()),
        Case("4.2-table-size-behind-a-field", request(REQUEST + table_size(0)), COMPRESSION_ERROR),
        Case(
            "4.3-eviction",
            request(
                table_size(0)
                + REQUEST
                + field_line("a", "b", indexed=True)
                + indexed(STATIC_TABLE + 1)
            ),
            COMPRESSION_ERROR,
        ),
        Case(
            "4.4-entry-larger-than-the-table",
            request(REQUEST + field_line("a", "b" * TABLE_SIZE, indexed=True)),
            GoesOn(),
        ),
        Case("5.1-endless-index", request(REQUEST + ENDLESS), COMPRESSION_ERROR),
        Case("5.1-endless-length", request(REQUEST + b"\0" + ENDLESS), COMPRESSION_ERROR),
        Case("5.2-huffman", request(REQUEST + b"\0\1a\x81\x1f"), GoesOn()),
        Case(
            "5.2-huffman-padded-with-zeros", request(REQUEST + b"\0\1a\x81\x18"), COMPRESSION_ERROR
        ),
        Case(
            "5.2-huffman-padded-with-a-byte",
            request(REQUEST + b"\0\1a\x82\x1f\xff"),
            COMPRESSION_ERROR,
        ),
        Case(
            "5.2-huffman-with-end-of-string",
            request(REQUEST + b"\0\1a\x84\xff\xff\xff\xff"),
            COMPRESSION_ERROR,
        ),
        Case("6.1-index-zero", request(REQUEST + b"\x80"), COMPRESSION_ERROR),
        Case("6.2.3-never-indexed", request(REQUEST + b"\x10\1a\1b"), GoesOn()),
        Case(
            "6.3-table-size-beyond-the-setting",
            request(table_size(TABLE_SIZE + 1) + REQUEST),
            COMPRESSION_ERROR,
        ),
        Case("cut-off-within-a-name", request(REQUEST + b"\0\5abc"), COMPRESSION_ERROR),
        Case("cut-off-within-a-value", request(REQUEST + b"\0\1a\5abc"), COMPRESSION_ERROR),
        Case("cut-off-before-a-value", request(REQUEST + b"\0\1a"), COMPRESSION_ERROR),
        Case("cut-off-within-an-index", request(REQUEST + b"\xff\x80"), COMPRESSION_ERROR),
        Case("of-trailers", [headers(1, b"\x80")], COMPRESSION_ERROR, opened),
    ]
)
def test_decoding(server: Server, case: Case) -> None:
    case.run(server.endpoint)


def test_refused_request_leaves_the_tables_alike(server: Server) -> None:
    """Its fields count, though the stream is reset: the next request refers to them."""
    with RawClient(server.endpoint) as peer:
        entries = b"".join(
            field_line(name, value, indexed=True) for name, value in request_fields(EMPTY_CALL)
        )
        peer.send(headers(1, entries + field_block([("Upper", "x")])))
        # The last that was added has the lowest index.
        again = b"".join(indexed(STATIC_TABLE + 6 - position) for position in range(6))
        peer.send(headers(3, again, Flag.END_HEADERS), data(3, grpc_message(), Flag.END_STREAM))
        assert peer.answer(3).grpc_status == OK


def test_server_keeps_to_the_clients_table_size(server: Server) -> None:
    """The decoder refuses a block that uses more, or does not say that it uses less (section 4.2)."""
    with RawClient(server.endpoint, announces=((Setting.HEADER_TABLE_SIZE, 0),)) as peer:
        peer.barrier()
        peer.decoder.max_allowed_table_size = 0
        for _ in range(3):
            assert peer.answer(call(peer)).grpc_status == OK
