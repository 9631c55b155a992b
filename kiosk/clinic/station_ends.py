"""Ending a station's time in the clinic's list: what it signs later is believed no more."""

from __future__ import annotations

import re
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from kiosk.clinic.stations import LINE, OPTION_ITEM, load_stations, moment_of
from kiosk.durable import replace_file, translated
from kiosk.errors import UsageError

_BEFORE: Final = "valid-before"


def end_station(path: Path, name: str, end: datetime) -> datetime:
    """Write an end behind every key that may speak for a station; an earlier end stays.

    A key that may speak for other names too ends for all of them: it is one machine's.

    Args:
        path: the list; all else in it stays as it is, letter by letter.
        name: of the station.
        end: the last moment that counts, with its offset; cut to the second.

    Returns:
        The latest end of the station's keys, in UTC.

    Raises:
        BadKey: the list cannot be read.
        UsageError: the station is not in it.
        StorageError: it cannot be written; then it is what it was.
    """
    load_stations(path)
    text = path.read_bytes().decode("utf-8")
    lines = text.splitlines(keepends=True)
    ended = [_ended(line, name, end) for line in lines]
    ends = [found for _, found in ended if found is not None]
    if not ends:
        raise UsageError(f"{path}: {name} is not in this list; expected its line to end.")
    new = "".join(line for line, _ in ended)
    if new != text:
        with translated(f"writing {path}"):
            mode = stat.S_IMODE(path.stat().st_mode)
        replace_file(path, new.encode(), mode)
    return max(ends)


def _ended(line: str, name: str, end: datetime) -> tuple[str, datetime | None]:
    """Return a line with its end, and that; the line and None where it is not the station's."""
    found = LINE.fullmatch(line.strip())
    if found is None or line.lstrip().startswith("#") or name not in found["names"].split(","):
        return line, None
    items = re.findall(OPTION_ITEM, found["options"] or "")
    others = [item for item in items if not item.startswith(f"{_BEFORE}=")]
    before = [moment_of(item.partition("=")[2].strip('"')) for item in items if item not in others]
    if before and min(before) <= end:
        return line, min(before).astimezone(UTC)
    last = end.astimezone(UTC).replace(microsecond=0)
    options = ",".join((*others, f'{_BEFORE}="{last:%Y%m%d%H%M%S}Z"'))
    start = line.index(found["names"]) + len(found["names"])
    key = line.index(found["key"], start)
    return f"{line[:start]} {options} {line[key:]}", last
