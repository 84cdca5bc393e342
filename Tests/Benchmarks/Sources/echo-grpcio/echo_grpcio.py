"""gRPC's Python library: the same service, and unary calls on it, as the other echo programs.

    echo_grpcio.py serve
    echo_grpcio.py unary port=P server=PID seconds=S [size=32] [in-flight=1] [connections=1]

One call at a time blocks, as it is fastest here; several run on asyncio, as the server does.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator

import grpc
import grpc.aio

_ECHO = "/bench.Echo/Echo"
# Channels to one address share a connection otherwise.
_OPTIONS = [("grpc.use_local_subchannel_pool", 1)]


async def _echo(message: bytes, _: grpc.aio.ServicerContext) -> bytes:
    return message


async def _echo_each(
    messages: AsyncIterator[bytes], _: grpc.aio.ServicerContext
) -> AsyncIterator[bytes]:
    async for message in messages:
        yield message


async def serve() -> None:
    """Prints the port, and serves until the process is killed."""
    server = grpc.aio.server()
    handlers = {
        "Echo": grpc.unary_unary_rpc_method_handler(_echo),
        "EchoEach": grpc.stream_stream_rpc_method_handler(_echo_each),
    }
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("bench.Echo", handlers)])
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(port, flush=True)
    await server.wait_for_termination()


def one_after_the_other(target: str, message: bytes, seconds: float) -> list[float]:
    """Calls until the time is over; returns the seconds that each took."""
    latencies = []
    with grpc.insecure_channel(target, _OPTIONS) as channel:
        echo = channel.unary_unary(_ECHO)
        start = time.perf_counter()
        deadline = start + seconds
        while start < deadline:
            _check(echo(message), message)
            end = time.perf_counter()
            latencies.append(end - start)
            start = end
    return latencies


async def several(
    target: str, message: bytes, seconds: float, in_flight: int, connections: int
) -> list[float]:
    """The same with several calls in flight, spread over the connections evenly."""
    latencies = []
    channels = [grpc.aio.insecure_channel(target, _OPTIONS) for _ in range(connections)]
    deadline = time.perf_counter() + seconds

    async def call(channel: grpc.aio.Channel) -> None:
        echo = channel.unary_unary(_ECHO)
        start = time.perf_counter()
        while start < deadline:
            _check(await echo(message), message)
            end = time.perf_counter()
            latencies.append(end - start)
            start = end

    await asyncio.gather(*(call(channels[index % connections]) for index in range(in_flight)))
    for channel in channels:
        await channel.close()
    return latencies


def unary(options: dict[str, str]) -> None:
    """Calls for a quarter of the time to warm up, then for the time; prints one line of JSON."""
    target = f"ipv4:127.0.0.1:{options['port']}"
    seconds = float(options["seconds"])
    message = b"o" * int(options.get("size", 32))
    in_flight = int(options.get("in-flight", 1))
    connections = int(options.get("connections", 1))
    # The server's (clock_getcpuclockid(3)).
    cpu_clock = ~int(options["server"]) << 3 | 2

    def run(time_limit: float) -> list[float]:
        if in_flight == 1:
            return one_after_the_other(target, message, time_limit)
        return asyncio.run(several(target, message, time_limit, in_flight, connections))

    run(seconds / 4)
    start, client, server = time.perf_counter(), time.process_time(), time.clock_gettime(cpu_clock)
    latencies = sorted(run(seconds))
    client, server = time.process_time() - client, time.clock_gettime(cpu_clock) - server
    elapsed, count = time.perf_counter() - start, len(latencies)
    figures = {
        f"p{name}_us": latencies[min(int(count * part), count - 1)] * 1e6
        for name, part in (("50", 0.5), ("99", 0.99), ("999", 0.999))
    }
    figures |= {
        "calls_per_second": count / elapsed,
        "client_cpu_us": client / count * 1e6,
        "server_cpu_us": server / count * 1e6,
    }
    print(json.dumps(figures))


def _check(answer: bytes, message: bytes) -> None:
    if len(answer) != len(message):
        raise RuntimeError(f"the echo has {len(answer)} bytes, not {len(message)}")


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        asyncio.run(serve())
    elif sys.argv[1:2] == ["unary"]:
        unary(dict(word.split("=", 1) for word in sys.argv[2:]))
    else:
        sys.exit(__doc__)
