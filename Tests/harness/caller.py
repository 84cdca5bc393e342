"""Calls as another user: in a process of its own, which gives up root for good.

    python -m harness.caller USER GROUP ADDRESS

calls with these numbers, and prints a line of JSON: how each call was answered.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass

import grpc

from harness.client import Client, request
from harness.fleet import clean_environment
from harness.places import ROOT


@dataclass(frozen=True)
class Answer:
    """A call's status, and the sentence that comes with it."""

    code: str
    details: str


def call_as(
    user: int, address: str, *, group: int | None = None, prefix: tuple[str, ...] = ()
) -> dict[str, Answer]:
    """Checks the health and runs an operation at an address, as another user; by the calls' names.

    `prefix` is a program that the caller is started by.
    """
    command = [*prefix, sys.executable, "-m", "harness.caller"]
    answered = subprocess.run(
        [*command, str(user), str(user if group is None else group), address],
        cwd=ROOT / "Tests",
        env=clean_environment(),
        stdout=subprocess.PIPE,
        text=True,
        timeout=60,
        check=True,
    )
    return {name: Answer(**answer) for name, answer in json.loads(answered.stdout).items()}


def _answers(address: str) -> dict[str, Answer]:
    with Client(address) as client:
        return {
            "health": _answer(lambda: client.serving()),
            # No agent has it: who may call is told so, and nothing is done.
            "execute": _answer(
                lambda: client.agents.Execute(request("memory", "no such operation"), timeout=10)
            ),
            "stream": _answer(
                lambda: list(
                    client.agents.ExecuteStream(
                        request("memory", "no such operation"), timeout=10
                    )
                )
            ),
        }


def _answer(call: Callable[[], object]) -> Answer:
    try:
        call()
    except grpc.RpcError as error:
        return Answer(error.code().name, error.details())
    return Answer("OK", "")


def main(user: int, group: int, address: str) -> None:
    # Everything that Python loads when it is first used lies where only root may be able to read.
    _answers(address)
    os.setgroups([])
    os.setgid(group)
    os.setuid(user)
    print(json.dumps({name: asdict(answer) for name, answer in _answers(address).items()}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
