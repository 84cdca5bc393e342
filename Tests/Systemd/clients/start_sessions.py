"""Starts sessions of the fleet: their names are the arguments."""

from __future__ import annotations

import sys

from harness import contracts
from harness.client import Client

with Client("127.0.0.1:50050") as client:
    for name in sys.argv[1:]:
        session = contracts.agents.StartSessionRequest(session_id=name, client_name="systemd-case")
        client.agents.StartSession(session, timeout=30, wait_for_ready=True)
