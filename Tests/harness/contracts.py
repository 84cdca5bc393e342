"""The Python client that grpcio-tools makes of proto/.

Only the contracts of this project: those of health and reflection come from their publishers'
packages, and a generated package `grpc` would hide grpcio itself.
"""

from __future__ import annotations

from harness.generation import make_importable
from harness.places import CONTRACTS, GENERATED_CLIENT

make_importable(CONTRACTS, sorted((CONTRACTS / "op").rglob("*.proto")), GENERATED_CLIENT)

from op.agents.v1 import (  # noqa: E402
    agent_service_pb2 as agents,
    agent_service_pb2_grpc as agents_grpc,
    memory_pb2 as memory,
    memory_pb2_grpc as memory_grpc,
    metrics_pb2 as metrics,
    metrics_pb2_grpc as metrics_grpc,
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
    "metrics",
    "metrics_grpc",
    "rust_pro",
    "rust_pro_grpc",
    "supervisor",
    "supervisor_grpc",
]
