"""The metrics address: what a scrape says, and what scrapers cannot do."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from contextlib import ExitStack

import pytest

from harness.contracts import agents
from harness.fleet import Fleet
from harness.load import kill
from harness.metrics import scrape
from harness.ports import listens
from harness.processes import Process

MakeFleet = Callable[..., Fleet]

# By their names without what the parser takes off.
FAMILIES = {
    "op_agents_requests": "counter",
    "op_agents_errors": "counter",
    "op_agents_request_duration_seconds": "histogram",
    "op_agents_streaming_chunks": "counter",
    "op_agents_active_sessions": "gauge",
    "op_agents_up": "gauge",
    "op_agents_agent_info": "gauge",
    "op_agents_restarts": "counter",
    "op_agents_spawn_to_serving_seconds": "gauge",
    "op_agents_resident_memory_bytes": "gauge",
    "op_agents_cpu_seconds": "counter",
    "op_agents_scrape_success": "gauge",
    "op_agents_build_info": "gauge",
    "op_agents_supervisor_start_time_seconds": "gauge",
    "op_agents_supervisor_resident_memory_bytes": "gauge",
    "op_agents_supervisor_cpu_seconds": "counter",
}


def ask(port: int, request: bytes) -> bytes:
    """Sends bytes and returns all that is answered."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(request)
        answer = b""
        while received := connection.recv(65536):
            answer += received
    return answer


def test_a_scrape_has_every_family_with_its_type_and_its_help(fleet: Fleet) -> None:
    found = scrape(fleet.metrics_port)
    assert {name: family.type for name, family in found.families.items()} == FAMILIES
    assert all(family.documentation for family in found.families.values())


def test_it_says_how_the_agents_are(fleet: Fleet) -> None:
    found, status = scrape(fleet.metrics_port), fleet.status()
    assert found.value("op_agents_up", agent="memory") == 1
    assert found.value("op_agents_up", agent="misbehaving") == 0
    assert found.value("op_agents_agent_info", agent="misbehaving", start="demand") == 1
    assert found.value("op_agents_agent_info", agent="memory", start="connection") == 1
    assert found.value("op_agents_restarts_total", agent="memory") == 0
    assert found.value("op_agents_spawn_to_serving_seconds", agent="memory") == pytest.approx(
        status["memory"].spawn_to_serving_us / 1e6
    )
    assert found.value("op_agents_resident_memory_bytes", agent="memory") > 1 << 20
    assert found.value("op_agents_cpu_seconds_total", agent="memory") >= 0
    # What has no process takes nothing.
    assert found.value("op_agents_resident_memory_bytes", agent="misbehaving") is None


def test_it_says_how_the_supervisor_is(fleet: Fleet) -> None:
    found = scrape(fleet.metrics_port)
    assert found.value("op_agents_build_info") == 1
    assert found.labels("op_agents_build_info", "version") != {""}
    assert time.time() - found.value("op_agents_supervisor_start_time_seconds") < 3600
    assert found.value("op_agents_supervisor_resident_memory_bytes") > 1 << 20


def test_sessions_are_counted_while_they_are_open(make_fleet: MakeFleet) -> None:
    fleet = make_fleet(installed=("memory",)).start()
    with fleet.client() as client:
        session = client.agents.StartSession(
            agents.StartSessionRequest(client_name="test"), timeout=30
        ).session_id
        assert scrape(fleet.metrics_port).value("op_agents_active_sessions") == 1
        client.agents.EndSession(agents.EndSessionRequest(session_id=session), timeout=30)
        assert scrape(fleet.metrics_port).value("op_agents_active_sessions") == 0


def test_a_killed_agent_counts_as_restarted(make_fleet: MakeFleet) -> None:
    fleet = make_fleet(installed=("memory",)).start()
    kill(fleet.process_of("memory"))
    fleet.wait_until_served("memory", 2)
    found = scrape(fleet.metrics_port)
    assert found.value("op_agents_restarts_total", agent="memory") == 1


@pytest.mark.parametrize(
    "request_line, status",
    [
        ("GET /metrics HTTP/1.1", "200 OK"),
        ("GET /metrics?name=up HTTP/1.0", "200 OK"),
        ("GET http://localhost/metrics HTTP/1.1", "200 OK"),
        ("HEAD /metrics HTTP/1.1", "200 OK"),
        ("POST /metrics HTTP/1.1", "405 Method Not Allowed"),
        ("GET / HTTP/1.1", "404 Not Found"),
        ("GET /metrics/../etc/passwd HTTP/1.1", "404 Not Found"),
        ("PRI * HTTP/2.0", "505 HTTP Version Not Supported"),
        ("hello", "400 Bad Request"),
        ("\x16\x03\x01", "400 Bad Request"),
    ],
)
def test_it_speaks_http(fleet: Fleet, request_line: str, status: str) -> None:
    head, _, body = ask(fleet.metrics_port, f"{request_line}\r\nHost: x\r\n\r\n".encode()).partition(
        b"\r\n\r\n"
    )
    assert head.decode().splitlines()[0] == f"HTTP/1.1 {status}"
    length = int(head.decode().lower().split("content-length: ")[1].split()[0])
    if request_line.startswith("HEAD"):
        assert length > 0 and body == b""
    else:
        assert length == len(body)


def test_a_head_without_end_is_refused(fleet: Fleet) -> None:
    request = b"GET /metrics HTTP/1.1\r\nX: " + b"x" * 10_000
    assert ask(fleet.metrics_port, request).startswith(b"HTTP/1.1 431 ")


def test_scrapers_who_say_nothing_delay_others_for_seconds_only(fleet: Fleet) -> None:
    supervisor = Process.find(fleet.pid)
    assert supervisor is not None
    with ExitStack() as silent:
        for _ in range(24):
            silent.enter_context(
                socket.create_connection(("127.0.0.1", fleet.metrics_port), timeout=30)
            )
        assert scrape(fleet.metrics_port, within=60).value("op_agents_up", agent="memory") == 1


def test_scrapes_at_once_are_all_answered(fleet: Fleet) -> None:
    request = b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"
    with ExitStack() as scrapers:
        connections = [
            scrapers.enter_context(
                socket.create_connection(("127.0.0.1", fleet.metrics_port), timeout=60)
            )
            for _ in range(40)
        ]
        for connection in connections:
            connection.sendall(request)
        for connection in connections:
            assert connection.recv(15) == b"HTTP/1.1 200 OK"


def test_an_address_that_is_taken_costs_the_fleet_its_metrics_only(make_fleet: MakeFleet) -> None:
    fleet = make_fleet(installed=("memory",))
    with socket.create_server(("127.0.0.1", fleet.metrics_port)):
        fleet.start()
        assert fleet.status()["memory"].state == agents.AGENT_STATE_SERVING
        log = fleet.log.read_text()
    assert f"cannot bind 127.0.0.1:{fleet.metrics_port} for the metrics: address in use by pid" in log
    assert "supervisor.metrics_address" in log


def test_it_can_be_turned_off(make_fleet: MakeFleet) -> None:
    fleet = make_fleet(
        installed=("memory",), settings={"supervisor": {"metrics_address": "off"}}
    ).start()
    assert not listens(fleet.metrics_port)


def test_it_can_be_a_unix_socket(make_fleet: MakeFleet) -> None:
    fleet = make_fleet(installed=("memory",))
    path = fleet.runtime / "metrics.sock"
    fleet.write_configuration({"supervisor": {"metrics_address": f"unix:{path}"}})
    fleet.start()
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(path))
        connection.sendall(b"GET /metrics HTTP/1.1\r\n\r\n")
        assert connection.recv(15) == b"HTTP/1.1 200 OK"
    fleet.stop()
    assert not path.exists()


