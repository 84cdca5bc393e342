"""Where things are in this repository."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = ROOT / "proto"
MANIFESTS = ROOT / "agents"
CRATES = ROOT / "Tests" / "Fixtures" / "crates"
GENERATED_CLIENT = ROOT / ".build-client"
DEBUG_PROGRAMS = ROOT / ".build" / "debug"
