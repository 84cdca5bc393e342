"""What the figures depend on: the machine, and the versions of everybody."""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
from pathlib import Path

import grpc

from contenders import Program


def machine(programs: Path) -> dict[str, str]:
    """Names and versions, by what they are of."""
    return {
        "processors": f"{os.cpu_count()} x {_processor()}",
        "kernel": platform.release(),
        "Swift": _first(["swift", "--version"], r"Swift version (\S+)"),
        "grpc-swift NIO transport": _pinned("grpc-swift-nio-transport"),
        "GRPCCore": _pinned("grpc-swift-2"),
        "C++ gRPC": _first([*Program.CPP.command(programs), "version"], r"(\S+)"),
        "Python grpcio": f"{grpc.__version__} on {platform.python_version()}",
        "h2load": _first(["h2load", "--version"], r"nghttp2/(\S+)"),
    }


def _processor() -> str:
    found = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    return found[1] if found else platform.machine()


def _first(command: list[str], pattern: str) -> str:
    output = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ).stdout
    found = re.search(pattern, output)
    return found[1] if found else "unknown"


def _pinned(package: str) -> str:
    pins = json.loads(Path(__file__).with_name("Package.resolved").read_text())["pins"]
    return next(pin["state"]["version"] for pin in pins if pin["identity"] == package)
