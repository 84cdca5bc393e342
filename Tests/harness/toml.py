"""Writes TOML: the standard library only reads it."""

from __future__ import annotations

import json
from typing import Any


def to_toml(table: dict[str, Any], prefix: str = "") -> str:
    """A table as TOML text, its own values before the tables in it."""
    lines = [f"{key} = {_value(value)}" for key, value in table.items() if not _is_table(value)]
    text = "\n".join(lines) + "\n" if lines else ""
    for key, value in table.items():
        if _is_table(value):
            name = f"{prefix}{key}"
            text += f"\n[{name}]\n" + to_toml(value, prefix=f"{name}.")
    return text


def _is_table(value: object) -> bool:
    return isinstance(value, dict)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    # A TOML basic string has the escapes of JSON.
    return json.dumps(str(value))
