"""What the shells and man(1) know of the programs: completions, and manual pages."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from harness.fleet import Fleet, clean_environment
from harness.places import ROOT

# Does what a shell does when TAB is pressed at the end of a line (bash(1), Programmable Completion).
_COMPLETE = """
source {script}
COMP_WORDS=({words}) COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
COMP_LINE="${{COMP_WORDS[*]}}" COMP_POINT=${{#COMP_LINE}} COMPREPLY=()
_op-agents op-agents "${{COMP_WORDS[-1]}}" "${{COMP_WORDS[-2]}}"
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


@pytest.fixture(scope="module")
def stage(programs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs as they are laid out, with their completions and pages."""
    stage = tmp_path_factory.mktemp("stage")
    layout = {
        "bin": ("op-agents", "op-supervisor"),
        "libexec/op-agents": ("op-agent-memory", "op-agent-rust-pro"),
    }
    for directory, names in layout.items():
        (stage / directory).mkdir(parents=True)
        for name in names:
            (stage / directory / name).symlink_to(programs / name)
    for script in ("completions", "manuals"):
        subprocess.run([ROOT / ".ci" / script, stage], check=True, timeout=600)
    return stage


def completed(fleet: Fleet, stage: Path, *words: str) -> set[str]:
    script = stage / "share/bash-completion/completions/op-agents"
    shown = subprocess.run(
        ["bash", "--norc", "-c", _COMPLETE.format(script=script, words=shlex.join(words))],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env=clean_environment(
            OP_AGENTS_ADDRESS=fleet.address, PATH=f"{stage}/bin:{os.environ['PATH']}"
        ),
    )
    assert not shown.stderr
    return set(shown.stdout.split())


def test_bash_completes_verbs(fleet: Fleet, stage: Path) -> None:
    assert {"start", "status", "stop"} <= completed(fleet, stage, "op-agents", "st")


def test_bash_completes_options(fleet: Fleet, stage: Path) -> None:
    assert "--follow" in completed(fleet, stage, "op-agents", "events", "--f")


@pytest.mark.parametrize("verb", ["start", "stop", "logs", "events", "attach", "call"])
def test_bash_completes_the_agents_of_the_fleet_that_runs(
    fleet: Fleet, stage: Path, verb: str
) -> None:
    names = completed(fleet, stage, "op-agents", verb, "")
    assert set(fleet.ports) <= names


@pytest.mark.parametrize(
    ("shell", "script"),
    [
        ("zsh", "zsh/site-functions/_op-agents"),
        ("fish", "fish/vendor_completions.d/op-agents.fish"),
    ],
)
def test_the_other_shells_take_theirs(stage: Path, shell: str, script: str) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"there is no {shell} here to read {script}")
    checked = subprocess.run([program, "-n", stage / "share" / script], capture_output=True)
    assert checked.returncode == 0, checked.stderr


def test_every_verb_has_a_page(stage: Path) -> None:
    pages = {page.name for page in stage.glob("share/man/man?/*")}
    assert {"op-agents.1", "op-agents-call.1", "op-agents-config-check.1"} <= pages
    assert {"op-supervisor.8", "op-agent-memory.8", "op-agent-rust-pro.8"} <= pages


def test_the_pages_are_well_formed(stage: Path) -> None:
    program = shutil.which("mandoc")
    assert program is not None, "mandoc is not installed: .ci/packages test installs it"
    checked = subprocess.run(
        [program, "-T", "lint", "-W", "warning", *stage.glob("share/man/man?/*")],
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stdout
