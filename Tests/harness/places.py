"""Where things are in this repository."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = ROOT / "proto"
MANIFESTS = ROOT / "agents"
CRATES = ROOT / "Tests" / "Fixtures" / "crates"
EXAMPLE_AGENTS = ROOT / "Tests" / "Agents"
PEER_CONTRACTS = ROOT / "Tests" / "Peers" / "proto"
GENERATED_CLIENT = ROOT / ".build-client"
GENERATED_PEER = ROOT / ".build-peer"
DEBUG_PROGRAMS = ROOT / ".build" / "debug"
