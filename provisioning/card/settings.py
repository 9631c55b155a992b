"""Fills a ``station.toml`` in without losing its comments. Pure: text in, text out."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

Value = str | float | Sequence[int]


def with_value(text: str, section: str, key: str, value: Value) -> str:
    """Return the text with one setting of a section.

    The line that has it, or has it as a comment, is exchanged; else one is added to the section.

    Args:
        text: of a TOML file whose sections are tables in brackets, as in the example.
        section: its name, without brackets; made at the end where there is none.
        key: of a plain setting on one line.
        value: a text, a number or a list of whole numbers.
    """
    line = f"{key} = {_toml(value)}"
    lines = text.splitlines()
    begin, end = _section(lines, section)
    if begin is None:
        return "\n".join([*lines, "", f"[{section}]", line]) + "\n"
    for pattern in (rf"{key} *=", rf"# ?{key} *="):
        for number in range(begin + 1, end):
            if re.match(pattern, lines[number]):
                lines[number] = line
                return "\n".join(lines) + "\n"
    lines.insert(_last(lines, begin, end) + 1, line)
    return "\n".join(lines) + "\n"


def _section(lines: Sequence[str], name: str) -> tuple[int | None, int]:
    """Return where a section's heading is, and where the next one is."""
    begin: int | None = None
    for number, line in enumerate(lines):
        heading = re.fullmatch(r"\[([A-Za-z0-9_.-]+)\] *(?:#.*)?", line)
        if heading and begin is not None:
            return begin, number
        if heading and heading[1] == name:
            begin = number
    return begin, len(lines)


def _last(lines: Sequence[str], begin: int, end: int) -> int:
    """Return the last line of a section that is a setting, or its heading."""
    found = [n for n in range(begin, end) if lines[n].strip() and not lines[n].startswith("#")]
    return found[-1]


def _toml(value: Value) -> str:
    # A TOML text in quotation marks has the escapes of JSON, and a list its form.
    return json.dumps(
        value if isinstance(value, str | int | float) else list(value), ensure_ascii=False
    )
