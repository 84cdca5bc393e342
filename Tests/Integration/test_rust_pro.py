"""cargo through the fleet: live output, and results that say what happened."""

from __future__ import annotations

import json
import time

from harness.client import Client
from harness.contracts import agents, rust_pro
from harness.fleet import Fleet
from harness.places import CRATES

STDOUT, STDERR = agents.STREAM_TYPE_STDOUT, agents.STREAM_TYPE_STDERR


def test_a_build_is_streamed_while_cargo_works(client: Client, fleet: Fleet) -> None:
    crate = fleet.copy_crate(CRATES / "greeter")
    arrivals = []
    chunks = []
    for chunk in client.stream("rust_pro", "build", {"path": str(crate)}):
        arrivals.append(time.monotonic())
        chunks.append(chunk)
    lines = [chunk.content for chunk in chunks if chunk.stream_type == STDERR]
    assert sum("Compiling" in line for line in lines) == 3
    assert all(line.count("\n") <= 1 for line in lines), "a chunk is a line"
    assert arrivals[-1] - arrivals[0] > 0.05, "the output came only with the result"
    assert chunks[-1].exit_code == 0
    result = json.loads(chunks[-1].result_json)
    assert result["success"] is True
    assert (result["errors"], result["warnings"]) == (0, 0)


def test_tests_are_counted_and_their_output_is_kept_apart(client: Client, fleet: Fleet) -> None:
    crate = fleet.copy_crate(CRATES / "greeter")
    chunks = list(client.stream("rust_pro", "test", {"path": str(crate)}))
    out = "".join(chunk.content for chunk in chunks if chunk.stream_type == STDOUT)
    err = "".join(chunk.content for chunk in chunks if chunk.stream_type == STDERR)
    assert "test result: ok" in out
    assert "Running unittests" in err
    result = json.loads(chunks[-1].result_json)
    assert result["passed"] == result["tests_run"] == out.count("... ok")
    assert result["failed"] == 0


def test_a_compile_error_is_an_answer_with_diagnostics(client: Client, fleet: Fleet) -> None:
    crate = fleet.copy_crate(CRATES / "broken")
    chunks = list(client.stream("rust_pro", "build", {"path": str(crate)}))
    assert not chunks[-1].success
    assert chunks[-1].exit_code == 101
    result = json.loads(chunks[-1].result_json)
    assert result["errors"] == 2
    assert result["warnings"] == 2
    unknown = next(each for each in result["diagnostics"] if "Strng" in each["message"])
    assert unknown["code"].startswith("E0")
    assert (unknown["level"], unknown["file"], unknown["line"]) == ("error", "src/main.rs", 4)
    assert "String" in unknown["suggestion"]


def test_failing_tests_are_an_answer_that_names_them(client: Client, fleet: Fleet) -> None:
    crate = fleet.copy_crate(CRATES / "failing")
    chunks = list(client.stream("rust_pro", "test", {"path": str(crate)}))
    assert not chunks[-1].success
    result = json.loads(chunks[-1].result_json)
    failed = {each["name"].rpartition("::")[2]: each for each in result["failures"]}
    assert result["failed"] == len(result["failures"]) > 0
    assert result["ignored"] >= 1
    one_and_two = failed["adds_one_and_two"]
    assert "one and two are three" in one_and_two["message"]
    assert "adding 1 and 2" in one_and_two["stdout"]
    assert one_and_two["location"].startswith("src/lib.rs:")


def test_the_typed_door_has_the_same_answers(fleet: Fleet) -> None:
    crate = fleet.copy_crate(CRATES / "broken")
    with fleet.client("rust_pro") as client:
        events = list(
            client.rust_pro.Check(rust_pro.RustProCargoRequest(path=str(crate)), timeout=120)
        )
    assert {event.WhichOneof("event") for event in events[:-1]} == {"output"}
    result = events[-1].result
    assert not result.success
    assert (result.errors, result.exit_code) == (2, 101)
    assert result.diagnostics[0].level == rust_pro.RUST_PRO_DIAGNOSTIC_LEVEL_ERROR
