"""Stops a unit while a call runs, which must be finished all the same.

    stop_during_a_call.py UNIT AGENT
"""

from __future__ import annotations

import subprocess
import sys

from harness.client import Client, request

unit, agent = sys.argv[1:]
with Client("127.0.0.1:50050") as client:
    call = client.agents.Execute.future(request(agent, "sleep", {"ms": 1000}), timeout=60)
    # Answered after the call before it on the same connection was begun.
    client.execute(agent, "echo", {"text": "warm"})
    subprocess.run(["systemctl", "stop", unit], check=True)
    assert call.result().success, "the call that ran when the unit was stopped has failed"
