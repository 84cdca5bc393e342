"""op-agents doctor and config show: with a fleet, and without one."""

from __future__ import annotations

import json
import socket
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness.cli import DOWN, FINE, op_agents
from harness.fleet import Fleet

MakeFleet = Callable[..., Fleet]


def doctor(fleet: Fleet, **environment: str) -> tuple[int, dict[str, list[dict[str, Any]]]]:
    """Runs doctor; returns its exit status and its findings by their subjects."""
    shown = op_agents(fleet, "doctor", "--json", "--config", str(fleet.configuration), **environment)
    report = json.loads(shown.stdout)
    findings: dict[str, list[dict[str, Any]]] = {}
    for finding in report["findings"]:
        findings.setdefault(finding["subject"], []).append(finding)
    counted = [each for group in findings.values() for each in group if each["verdict"] == "error"]
    assert report["errors"] == len(counted)
    return shown.returncode, findings


def verdicts(findings: dict[str, list[dict[str, Any]]], subject: str) -> set[str]:
    return {finding["verdict"] for finding in findings[subject]}


def test_a_fleet_that_runs_is_well(fleet: Fleet) -> None:
    status, findings = doctor(fleet)
    for subject in ("configuration", "supervisor", "ports", "toolchain", "kernel"):
        assert verdicts(findings, subject) <= {"ok", "warning"}, findings[subject]
    assert verdicts(findings, "ports") == {"ok"}
    assert any("cargo" in each["message"] for each in findings["toolchain"])
    bad = [each for group in findings.values() for each in group if each["verdict"] == "error"]
    assert (status == FINE) == (not bad)


def test_an_agent_that_is_down_is_an_error(fleet: Fleet) -> None:
    op_agents(fleet, "stop", "memory")
    try:
        status, findings = doctor(fleet)
        assert status == DOWN
        assert verdicts(findings, "memory") == {"error"}
    finally:
        assert op_agents(fleet, "start", "memory").returncode == FINE


def test_without_a_supervisor_the_rest_is_looked_at(make_fleet: MakeFleet) -> None:
    fleet = make_fleet(installed=("memory",))
    _, findings = doctor(fleet)
    assert verdicts(findings, "supervisor") == {"warning"}
    assert verdicts(findings, "ports") == {"ok"}
    assert "toolchain" not in findings


def test_who_has_a_port_is_named(make_fleet: MakeFleet) -> None:
    fleet = make_fleet(installed=("memory",))
    with socket.create_server(("127.0.0.1", fleet.ports["memory"])):
        status, findings = doctor(fleet)
    assert status == DOWN
    (taken,) = (each for each in findings["ports"] if each["verdict"] == "error")
    assert f"{fleet.ports['memory']} of memory" in taken["message"]
    assert "agents.memory.port" in taken["remedy"]


def test_every_problem_of_the_configuration_is_said(make_fleet: MakeFleet) -> None:
    fleet = make_fleet(installed=("memory",))
    fleet.configuration.write_text("[sessions]\nlease = 15\n[client]\nmax_retries = -1\n")
    status, findings = doctor(fleet)
    assert status == DOWN
    messages = [each["message"] for each in findings["configuration"]]
    assert any("sessions.lease" in message for message in messages)
    assert any("client.max_retries" in message for message in messages)


def test_a_directory_that_others_may_change_is_an_error(make_fleet: MakeFleet) -> None:
    fleet = make_fleet(installed=("memory",))
    fleet.state.chmod(0o777)
    status, findings = doctor(fleet, STATE_DIRECTORY=str(fleet.state))
    assert status == DOWN
    assert any(
        str(fleet.state) in each["message"] and each["remedy"].startswith("chmod")
        for each in findings["directories"]
        if each["verdict"] == "error"
    )


def test_what_is_shown_is_a_configuration_that_says_the_same(
    make_fleet: MakeFleet, tmp_path: Path
) -> None:
    fleet = make_fleet(settings={"sessions": {"grace": "7s"}})
    show = ("config", "show", "--config")
    first = op_agents(fleet, *show, str(fleet.configuration))
    assert first.returncode == FINE, first.stderr
    assert f"{fleet.configuration}:" in first.stdout
    pasted = tmp_path / "pasted.toml"
    pasted.write_text(first.stdout)
    second = op_agents(fleet, *show, str(pasted))
    assert second.returncode == FINE, second.stderr
    assert tomllib.loads(second.stdout) == tomllib.loads(first.stdout)
    report = json.loads(op_agents(fleet, *show, str(fleet.configuration), "--json").stdout)
    (grace,) = (each for each in report if each["key"] == "sessions.grace")
    assert grace["value"] == "7s"
    assert grace["origin"].startswith(f"{fleet.configuration}:")
