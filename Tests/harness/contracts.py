"""The Python client that grpcio-tools makes of proto/, made again where a contract is newer.

Only the contracts of this project: those of health and reflection come from their publishers'
packages, and a generated package `grpc` would hide grpcio itself.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from importlib import resources
from pathlib import Path

from grpc_tools import protoc

from harness.places import CONTRACTS, GENERATED_CLIENT


def _is_current(contracts: list[Path]) -> bool:
    generated = list(GENERATED_CLIENT.rglob("*.py"))
    if not generated:
        return False
    return min(map(_modified, generated)) > max(map(_modified, contracts))


def _modified(file: Path) -> float:
    return file.stat().st_mtime


def _generate(contracts: list[Path]) -> None:
    # Complete or not there at all: another test run may be reading it.
    fresh = Path(tempfile.mkdtemp(prefix=f"{GENERATED_CLIENT.name}-", dir=GENERATED_CLIENT.parent))
    well_known = resources.files("grpc_tools") / "_proto"
    status = protoc.main(
        ["protoc", f"-I{CONTRACTS}", f"-I{well_known}", f"--python_out={fresh}"]
        + [f"--grpc_python_out={fresh}"]
        + [str(contract) for contract in contracts]
    )
    if status != 0:
        shutil.rmtree(fresh)
        raise RuntimeError(f"cannot generate a client of {CONTRACTS}: protoc ended with {status}")
    shutil.rmtree(GENERATED_CLIENT, ignore_errors=True)
    fresh.rename(GENERATED_CLIENT)


_contracts = sorted((CONTRACTS / "op").rglob("*.proto"))
if not _is_current(_contracts):
    _generate(_contracts)
sys.path.insert(0, str(GENERATED_CLIENT))

from op.agents.v1 import (  # noqa: E402
    agent_service_pb2 as agents,
    agent_service_pb2_grpc as agents_grpc,
    memory_pb2 as memory,
    memory_pb2_grpc as memory_grpc,
    rust_pro_pb2 as rust_pro,
    rust_pro_pb2_grpc as rust_pro_grpc,
)
from op.supervisor.v1 import (  # noqa: E402
    supervisor_pb2 as supervisor,
    supervisor_pb2_grpc as supervisor_grpc,
)

__all__ = [
    "agents",
    "agents_grpc",
    "memory",
    "memory_grpc",
    "rust_pro",
    "rust_pro_grpc",
    "supervisor",
    "supervisor_grpc",
]
