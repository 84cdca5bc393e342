"""Python modules that grpcio-tools makes of contracts, made again where a contract is newer."""

from __future__ import annotations

import shutil
import sys
import tempfile
from importlib import resources
from pathlib import Path

from grpc_tools import protoc


def make_importable(contracts: Path, files: list[Path], destination: Path) -> None:
    """Has the modules of some files below a folder of contracts in another folder, and that on sys.path."""
    if not _is_current(files, destination):
        _generate(contracts, files, destination)
    sys.path.insert(0, str(destination))


def _is_current(files: list[Path], destination: Path) -> bool:
    generated = list(destination.rglob("*.py"))
    if not generated:
        return False
    return min(map(_modified, generated)) > max(map(_modified, files))


def _modified(file: Path) -> float:
    return file.stat().st_mtime


def _generate(contracts: Path, files: list[Path], destination: Path) -> None:
    # Complete or not there at all: another test run may be reading it.
    fresh = Path(tempfile.mkdtemp(prefix=f"{destination.name}-", dir=destination.parent))
    well_known = resources.files("grpc_tools") / "_proto"
    status = protoc.main(
        ["protoc", f"-I{contracts}", f"-I{well_known}", f"--python_out={fresh}"]
        + [f"--grpc_python_out={fresh}"]
        + [str(file) for file in files]
    )
    if status != 0:
        shutil.rmtree(fresh)
        raise RuntimeError(f"cannot generate a client of {contracts}: protoc ended with {status}")
    shutil.rmtree(destination, ignore_errors=True)
    fresh.rename(destination)
