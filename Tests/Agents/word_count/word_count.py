#!/usr/bin/env python3
"""Counts words: a whole agent in Python, run and routed to like those that come with op-agents."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from op.agents.v1 import agent_service_pb2 as api, agent_service_pb2_grpc as api_grpc

ID = "word_count"
# The supervisor says where; by hand it is the agent's own port.
ADDRESS = os.environ.get("OP_AGENT_LISTEN", "127.0.0.1:50070")
# Less than the manifest's grace, after which the supervisor kills.
GRACE_SECONDS = 4.0
MOST_ARGUMENT_BYTES = 4 << 20

Say = Callable[[str], Awaitable[None]]


# What it does: each operation takes its arguments, may say something meanwhile, and returns its result.


async def count(arguments: dict[str, Any], say: Say) -> dict[str, Any]:
    """Counts the words of a text."""
    text = str(arguments["text"])
    return {"words": len(text.split()), "lines": len(text.splitlines())}


async def follow(arguments: dict[str, Any], say: Say) -> dict[str, Any]:
    """Counts the words of a file as it grows, until it has so many lines; 0: until it is cancelled."""
    path, limit = str(arguments["path"]), int(arguments.get("lines", 0))
    words = lines = 0
    with open(path, encoding="utf-8", errors="replace") as file:
        try:
            while lines < limit or limit == 0:
                place = file.tell()
                line = file.readline()
                if not line.endswith("\n"):
                    file.seek(place)
                    await asyncio.sleep(0.05)
                    continue
                words, lines = words + len(line.split()), lines + 1
                await say(f"{words} words in {lines} lines\n")
        finally:
            # The journal has it at this level, under AGENT=word_count.
            print(f"<6>no longer follows {path}", file=sys.stderr, flush=True)
    return {"words": words, "lines": lines}


OPERATIONS = {"count": count, "follow": follow}
SCHEMAS = {
    "count": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
    "follow": {
        "type": "object",
        "properties": {"path": {"type": "string"}, "lines": {"type": "integer"}},
        "required": ["path"],
    },
}


# How it is called: op.agents.v1.AgentService.


class Refusal(Exception):
    """A call that cannot be carried out: a status, and a sentence that says what to do."""

    def __init__(self, code: grpc.StatusCode, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


async def run(request: api.ExecuteRequest, say: Say) -> api.ExecuteResponse:
    """Carries out one call."""
    if request.agent_id not in ("", ID):
        raise Refusal(
            grpc.StatusCode.NOT_FOUND,
            f"cannot find the agent {request.agent_id!r}: this is {ID}; ask the supervisor",
        )
    operation = OPERATIONS.get(request.operation)
    if operation is None:
        raise Refusal(
            grpc.StatusCode.UNIMPLEMENTED,
            f"cannot do {request.operation!r}: the operations are {', '.join(OPERATIONS)}",
        )
    started = time.monotonic_ns()
    try:
        async with asyncio.timeout(request.timeout_ms / 1000 if request.timeout_ms else None):
            result = await operation(json.loads(request.arguments_json or "{}"), say)
    except TimeoutError:
        raise Refusal(
            grpc.StatusCode.DEADLINE_EXCEEDED,
            f"cannot finish within {request.timeout_ms} ms; allow more",
        ) from None
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise Refusal(
            grpc.StatusCode.INVALID_ARGUMENT,
            f"cannot do {request.operation} with these arguments: {error!r}; see ListOperations",
        ) from None
    microseconds = (time.monotonic_ns() - started) // 1000
    summary = f"{result['words']} words in {result['lines']} lines"
    result = {"summary": summary, "duration_ms": microseconds // 1000} | result
    return api.ExecuteResponse(
        agent_id=ID,
        operation=request.operation,
        success=True,
        result_json=json.dumps(result),
        execution_time_us=microseconds,
    )


async def say_nothing(text: str) -> None:
    """For calls that are answered once."""


class AgentService(api_grpc.AgentServiceServicer):
    """What every agent answers; the supervisor does the rest (sessions, the list of agents)."""

    async def Execute(
        self, request: api.ExecuteRequest, context: grpc.aio.ServicerContext
    ) -> api.ExecuteResponse:
        try:
            return await run(request, say_nothing)
        except Refusal as refusal:
            await context.abort(refusal.code, str(refusal))

    async def ExecuteStream(
        self, request: api.ExecuteRequest, context: grpc.aio.ServicerContext
    ) -> None:
        sequence = 0

        async def send(**fields: Any) -> None:
            nonlocal sequence
            chunk = api.ExecuteStreamResponse(agent_id=ID, sequence=sequence, **fields)
            sequence += 1
            await context.write(chunk)

        async def say(text: str) -> None:
            await send(stream_type=api.STREAM_TYPE_STDOUT, content=text)

        try:
            answer = await run(request, say)
        except Refusal as refusal:
            await context.abort(refusal.code, str(refusal))
        await send(
            stream_type=api.STREAM_TYPE_RESULT,
            is_final=True,
            success=True,
            result_json=answer.result_json,
        )

    async def BatchExecute(
        self, request: api.BatchExecuteRequest, context: grpc.aio.ServicerContext
    ) -> None:
        for index, each in enumerate(request.requests):
            answer = api.BatchExecuteResponse(index=index)
            try:
                answer.result.CopyFrom(await run(each, say_nothing))
            except Refusal as refusal:
                answer.error.code, answer.error.message = refusal.code.value[0], str(refusal)
            await context.write(answer)

    async def ListOperations(
        self, request: api.ListOperationsRequest, context: grpc.aio.ServicerContext
    ) -> api.ListOperationsResponse:
        operations = [
            api.OperationInfo(
                name=name,
                description=(operation.__doc__ or "").strip(),
                streaming=name == "follow",
                read_only=True,
                arguments_schema_json=json.dumps(SCHEMAS[name]),
            )
            for name, operation in OPERATIONS.items()
        ]
        return api.ListOperationsResponse(agent_id=ID, operations=operations)


# How it lives: listen, say that it is ready, end on SIGTERM.


def notify(message: str) -> None:
    """Tells the supervisor something (sd_notify(3)); by hand nobody is told."""
    if path := os.environ.get("NOTIFY_SOCKET"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as connection:
            connection.sendto(message.encode(), path)


async def main() -> None:
    server = grpc.aio.server(
        options=[("grpc.max_receive_message_length", MOST_ARGUMENT_BYTES + 65536)]
    )
    api_grpc.add_AgentServiceServicer_to_server(AgentService(), server)
    statuses = health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(statuses, server)
    server.add_insecure_port(ADDRESS)

    asked_to_stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, asked_to_stop.set)
    await server.start()
    await statuses.set("", health_pb2.HealthCheckResponse.SERVING)
    notify("READY=1")

    await asked_to_stop.wait()
    await statuses.enter_graceful_shutdown()
    await server.stop(GRACE_SECONDS)


if __name__ == "__main__":
    asyncio.run(main())
