"""Writes the corpus of the fuzzer: what grpcio's client and server say to each other, and frames of every type.

    .venv/bin/python Tests/Fuzz/record.py

Run again where a new kind of exchange is to be among the seeds; what the fuzzer finds by itself is not kept here.
"""

from __future__ import annotations

import gzip
import hashlib
import shutil
import socket
import sys
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "Peers"))

from raw_http2 import PREFACE, Flag, Type  # noqa: E402

CORPUS = HERE / "corpus"
# Raw bytes in header fields: an extension that grpcio's two ends would agree on, and that others refuse, so that no
# recorded call would get past its header fields.
PLAIN = ("grpc.http2.true_binary", 0)
MESSAGES = [b"", b"one", bytes(range(256)) * 8]


class Echo(grpc.GenericRpcHandler):
    """Answers on every method, as its name says."""

    def service(self, call: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler | None:
        if call.method.endswith("/Direct"):
            return grpc.unary_unary_rpc_method_handler(self._direct)
        if call.method.endswith("/Stream"):
            return grpc.stream_stream_rpc_method_handler(self._stream)
        return None

    @staticmethod
    def _direct(request: bytes, context: grpc.ServicerContext) -> bytes:
        context.set_compression(grpc.Compression.Gzip)
        context.send_initial_metadata((("initial", "one"), ("initial-bin", b"\0\xff")))
        context.set_trailing_metadata((("trailing", "two"),))
        if not request:
            context.abort(grpc.StatusCode.NOT_FOUND, "100 % naïve")
        return request

    @staticmethod
    def _stream(requests: Iterable[bytes], context: grpc.ServicerContext) -> Iterator[bytes]:
        yield from requests


class Recorder:
    """Passes one connection on, and keeps what each side says."""

    def __init__(self, target: int) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._target = target
        self.port: int = self._listener.getsockname()[1]
        self.said: dict[str, bytearray] = {"server": bytearray(), "client": bytearray()}
        self._thread = threading.Thread(target=self._pass)
        self._thread.start()

    def _pass(self) -> None:
        client, _ = self._listener.accept()
        server = socket.create_connection(("127.0.0.1", self._target))
        # What is said to the server are its inputs.
        back = threading.Thread(target=self._copy, args=(server, client, "client"))
        back.start()
        self._copy(client, server, "server")
        back.join()

    def _copy(self, source: socket.socket, sink: socket.socket, name: str) -> None:
        try:
            while chunk := source.recv(1 << 16):
                self.said[name] += chunk
                sink.sendall(chunk)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def close(self) -> None:
        self._thread.join()
        self._listener.close()


def exchanges(port: int) -> Iterator[dict[str, bytearray]]:
    """Holds sessions of all kinds of calls."""
    for compression in (grpc.Compression.NoCompression, grpc.Compression.Gzip):
        for message in MESSAGES:
            for path in ("Direct", "Stream", "Missing"):
                recorder = Recorder(port)
                with grpc.insecure_channel(
                    f"127.0.0.1:{recorder.port}",
                    options=[("grpc.use_local_subchannel_pool", 1), PLAIN],
                    compression=compression,
                ) as channel:
                    metadata = (("text", "value"), ("bytes-bin", b"\0\1\2"))
                    try:
                        if path == "Stream":
                            call = channel.stream_stream(f"/test.Fuzz/{path}")
                            list(call(iter([message, message]), metadata=metadata, timeout=9))
                        else:
                            call = channel.unary_unary(f"/test.Fuzz/{path}")
                            call(message, metadata=metadata, timeout=9)
                    except grpc.RpcError:
                        pass
                recorder.close()
                yield recorder.said


def frames(said: bytes) -> Iterator[tuple[int, int, int, bytes]]:
    """Each frame's type, flags, stream and payload."""
    while len(said) >= 9:
        length = int.from_bytes(said[:3])
        yield said[3], said[4], int.from_bytes(said[5:9]), said[9 : 9 + length]
        said = said[9 + length :]


def as_frames(parts: Iterable[tuple[int, int, int, bytes]]) -> bytes:
    """Frames as the fuzzer's `RawBytes` reads them."""
    return b"F" + b"".join(
        bytes([kind, flags, stream & 255]) + len(payload).to_bytes(2) + payload
        for kind, flags, stream, payload in parts
        if len(payload) < 1 << 16
    )


def frames_of_every_type() -> Iterator[tuple[int, int, int, bytes]]:
    samples: dict[Type, tuple[Flag, int, bytes]] = {
        Type.DATA: (Flag.PADDED, 1, b"\x02\0\0\0\0\x01\x07\0\0"),
        Type.HEADERS: (Flag.END_HEADERS | Flag.PRIORITY, 1, b"\0\0\0\0\x10\x83\x86\x44\x01/"),
        Type.PRIORITY: (Flag.NONE, 1, b"\0\0\0\0\x10"),
        Type.RST_STREAM: (Flag.NONE, 1, b"\0\0\0\x08"),
        Type.SETTINGS: (Flag.NONE, 0, b"\0\x04\0\0\xff\xff\0\x03\0\0\0\x01"),
        Type.PUSH_PROMISE: (Flag.END_HEADERS, 1, b"\0\0\0\x02\x83\x86"),
        Type.PING: (Flag.NONE, 0, b"12345678"),
        Type.GOAWAY: (Flag.NONE, 0, b"\0\0\0\x01\0\0\0\x0benough"),
        Type.WINDOW_UPDATE: (Flag.NONE, 1, b"\0\0\0\xff"),
        Type.CONTINUATION: (Flag.END_HEADERS, 1, b"\x83\x86"),
    }
    for kind, (flags, stream, payload) in samples.items():
        yield kind, flags, stream, payload


def keep(target: str, content: bytes) -> None:
    """A file named after its content, as libFuzzer names them."""
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / hashlib.sha1(content).hexdigest()[:12]).write_bytes(content)


def main() -> None:
    shutil.rmtree(CORPUS, ignore_errors=True)
    server = grpc.server(ThreadPoolExecutor(2), options=[PLAIN])
    server.add_generic_rpc_handlers((Echo(),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    for said in exchanges(port):
        for target, content in said.items():
            content = bytes(content).removeprefix(PREFACE)
            keep(target, b"R" + content)
            keep(target, as_frames(frames(content)))
    server.stop(None)

    every = list(frames_of_every_type())
    settings = (int(Type.SETTINGS), 0, 0, b"")
    for target in ("server", "client"):
        for frame in every:
            keep(target, as_frames([settings, frame]))
        keep(target, as_frames([settings, *every]))

    for message in MESSAGES:
        prefixed = b"\0" + len(message).to_bytes(4) + message
        for pieces in (b"", b"\x01", b"\x03\x02\x05"):
            keep("messages", bytes([len(pieces) << 1]) + pieces + prefixed * 2)
            keep("messages", bytes([len(pieces) << 1 | 1]) + pieces + b"\1" + prefixed[1:])
        keep("fields", gzip.compress(message, mtime=0))
    for text in (
        ":method:POST\n:path:/test.Fuzz/Direct\ncontent-type:application/grpc+proto\nte:trailers",
        "grpc-timeout:15S\ngrpc-encoding:gzip\ngrpc-accept-encoding:identity, gzip",
        ":status:200\ngrpc-status:5\ngrpc-message:100%25 na%C3%AFve%",
        "text:value\nbytes-bin:AP8=,AQ\nbytes-bin:",
        "AP8=",
        "99999999H",
        "%F0%9F%90%A6 %zz",
    ):
        keep("fields", text.encode())


if __name__ == "__main__":
    main()
