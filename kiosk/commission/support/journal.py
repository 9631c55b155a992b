"""The journal's part of a support bundle: the two services' own lines, and the kernel's complaints.

Only what our own handler wrote (it withholds, docs/decisions/0053) and what systemd says of our
units is taken; lines of libraries are counted. Of the kernel only known complaints are taken, and
of those only what the pattern names. Long numbers and names of objects are blotted out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

LINES: Final = 2000
"""Of each service: at most so many of the newest."""

_OBJECT: Final = re.compile(r"[0-9a-f]{32}(?=[-.])")
_LONG_NUMBER: Final = re.compile(r"\d{5,}")

_COMPLAINTS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"[Uu]nder-?voltage detected!?",
        r"Voltage normalised",
        r"mmc\w*: (?:error -\d+|Timeout waiting for hardware [a-z ]+)",
        r"(?:Buffer )?I/O error,? (?:on )?dev(?:ice)? [a-z0-9]+",
        r"EXT4-fs (?:error|warning) \(device [a-z0-9-]+\)",
        r"EXT4-fs \([a-z0-9-]+\): (?:recovery complete|Remounting filesystem read-only)",
        r"usb [0-9.-]+: (?:USB disconnect|reset [a-z-]+ speed)",
        r"usb [0-9.-]+: device descriptor read/\w+, error -\d+",
        r"Out of memory: Killed process",
        r"invoked oom-killer",
        r"BUG: soft lockup",
        r"blocked for more than \d+ seconds",
        r"critical temperature reached",
        r"imx(?:477|708) [0-9a-f-]+: [a-z ]*(?:error|failed|fail)\b",
        r"rp1-cfe [0-9a-f.:]+: [a-z ]*(?:error|failed|fail)\b",
        r"cma: [a-z_ ]*alloc failed",
        r"Kernel panic",
    )
)
"""What of the kernel's log matters: supply, card, memory, heat, camera, USB."""

Fields = Mapping[str, Any]


def service_text(lines: Iterable[str], unit: str) -> str:
    """Return the lines of one service, oldest first.

    Args:
        lines: as ``journalctl --output=json`` prints them.
        unit: the service's name.
    """
    said, others = [], 0
    for fields in _entries(lines):
        message = fields.get("MESSAGE")
        if not isinstance(message, str) or not _ours(fields, unit):
            others += 1
            continue
        code = f" [{fields['KIOSK_CODE']}]" if fields.get("KIOSK_CODE") else ""
        said += [
            f"{_time(fields)} {fields.get('PRIORITY', '?')}{code} {blotted(line)}"
            for line in message.splitlines()
        ]
    tail = f"{others} lines of libraries and other programs are left out."
    return "".join(f"{line}\n" for line in (*said, tail))


def kernel_text(lines: Iterable[str]) -> str:
    """Return the kernel's known complaints of this boot, oldest first."""
    said = [
        f"{_time(fields)} {blotted(found[0])}"
        for fields in _entries(lines)
        if (found := _complaint(fields.get("MESSAGE")))
    ]
    return "".join(f"{line}\n" for line in said or ("None of the known complaints.",))


def blotted(text: str) -> str:
    """Return a text without long numbers and names of objects, which are random."""
    return _LONG_NUMBER.sub("#####", _OBJECT.sub("OBJECT", text))


def _entries(lines: Iterable[str]) -> Iterator[Fields]:
    for line in lines:
        try:
            fields = json.loads(line)
        except ValueError:
            continue  # the last one, cut off while it was written
        if isinstance(fields, dict):
            yield fields


def _ours(fields: Fields, unit: str) -> bool:
    by_systemd = fields.get("_PID") == "1" and fields.get("UNIT") == unit
    return by_systemd or (
        fields.get("_SYSTEMD_UNIT") == unit and "LOGGER" in fields and "CODE_FILE" in fields
    )


def _time(fields: Fields) -> str:
    micros = str(fields.get("__REALTIME_TIMESTAMP", "0"))
    seconds = int(micros) // 1_000_000 if micros.isdecimal() else 0
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _complaint(message: object) -> re.Match[str] | None:
    if not isinstance(message, str):
        return None
    found = (pattern.search(message) for pattern in _COMPLAINTS)
    return next((one for one in found if one), None)
