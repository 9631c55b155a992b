"""What a station may hold on the server: whoever holds more is shut out until it holds less.

A timer looks once a minute. Nothing that was accepted is touched: the station keeps what it cannot
send, the collector takes what it can use, and what it cannot use goes on counting. So a thief who
fills the disk gets as far as the limit and one minute of the network, and an honest station whose
collector stood still is let in again by itself.
"""

from __future__ import annotations

import math
import os
import pwd
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Final

from kiosk.errors import ServiceError, UsageError
from provisioning.server import dropbox, listing, sessions, system
from provisioning.server.place import Place

USUAL_GB: Final = 50.0
"""Forty days of 300 pictures of 4 MB that nobody collects."""

GB: Final = 1_000_000_000

LEAST: Final = 16 * 1024
"""Bytes that each file counts at least: as many inodes as ext4 has for its bytes."""

LET_IN: Final = 0.9
"""The part of its limit below which a station is let in again, so that it stays in for a while."""

UNITS: Final = ("capture-stations-limit.service", "capture-stations-limit.timer")

_CHECKOUT: Final = Path(__file__).parents[2]
_PARTS: Final = (
    "kiosk/__init__.py",
    "kiosk/errors.py",
    "kiosk/tables.py",
    "provisioning/__init__.py",
)
_MAIN: Final = "import sys\n\nfrom provisioning.server.__main__ import main\n\nsys.exit(main())\n"


def prepare(place: Place, gb: float | None) -> list[str]:
    """Write the limit, this program in one file and its timer, and look after it once.

    Raises:
        UsageError: no limit that can be kept.
        ServiceError: systemd does not start the timer.
    """
    if gb is not None and not 0 < gb < math.inf:
        raise UsageError(f"{gb:g} GB is no limit; expected a number above nothing")
    done = []
    if gb is not None or not place.limit.exists():
        done += system.write_file(place.limit, f"{USUAL_GB if gb is None else gb:g}\n")
    done += system.write_file(place.program, _program())
    units = [
        note for name in UNITS for note in system.write_file(place.units / name, _unit(place, name))
    ]
    return done + units + _started(changed=bool(units)) + look_after(place)


def look_after(place: Place) -> list[str]:
    """Shut out every station that holds more than the limit, and let in who no longer does.

    Raises:
        UsageError: not root, or not prepared.
        ServiceError: a command of the system failed, or a session does not end.
    """
    system.require_root()
    try:
        most = round(float(place.limit.read_text(encoding="ascii")) * GB)
    except (OSError, ValueError, OverflowError) as error:
        raise UsageError(f"{place.limit}: expected a number of GB; run `prepare` first") from error
    # The check has a limit of its own for these, and would be disturbed.
    names = [name for name in listing.names() if not dropbox.THROW_AWAY.fullmatch(name)]
    done = enforce(place, most, names)
    place.looked.touch()
    return done


def enforce(place: Place, most: int, names: Sequence[str]) -> list[str]:
    """Apply a limit in bytes to these stations; return what was changed.

    Raises:
        ServiceError: a command of the system failed, or a session does not end.
    """
    return [note for name in names for note in _enforced(place, most, name)]


def held(folder: Path) -> int:
    """Return what a station holds, in bytes: all that is in its folder, for whatever reason."""
    return sum(max(one.st_blocks * 512, LEAST) for one in _all_below(folder))


def _enforced(place: Place, most: int, name: str) -> list[str]:
    holds = held(place.root / name)
    if holds > most:
        joined = system.join(name, dropbox.FULL)
        ended = sessions.end(name, pwd.getpwnam(name).pw_uid)
        said = f"{name} holds {holds / GB:.1f} GB, and {most / GB:g} is the limit: it is shut out"
        return [said, *ended] if joined else ended
    if holds <= most * LET_IN and system.leave(name, dropbox.FULL):
        return [f"{name} holds {holds / GB:.1f} GB and is let in again"]
    return []


def _all_below(folder: Path) -> Iterator[os.stat_result]:
    """Every file below a folder; the collector may take one away meanwhile."""
    with suppress(FileNotFoundError), os.scandir(folder) as found:
        for entry in found:
            with suppress(FileNotFoundError):
                status = entry.stat(follow_symlinks=False)
                if entry.is_dir(follow_symlinks=False):
                    yield from _all_below(Path(entry.path))
                else:
                    yield status


def _started(*, changed: bool) -> list[str]:
    if not system.has_systemd():
        return ["systemd does not run here: have `limit` run every minute"] if changed else []
    if not changed and _active():
        return []
    system.run("systemctl", "daemon-reload")
    system.run("systemctl", "enable", "--now", UNITS[1])
    return [f"{UNITS[1]} was started"]


def _active() -> bool:
    try:
        system.run("systemctl", "is-active", "--quiet", UNITS[1])
    except ServiceError:
        return False
    return True


def _unit(place: Place, name: str) -> str:
    """A unit as it is in the checkout, with this server's own places."""
    text = (_CHECKOUT / "provisioning/server/systemd" / name).read_text(encoding="utf-8")
    usual = Place()
    for path, own in (
        (usual.root, place.root),
        (usual.keys, place.keys),
        (usual.config, place.config),
        (usual.enrolments, place.enrolments),
    ):
        text = text.replace(str(path), str(own))
    return text


def _program() -> bytes:
    """This program as a file that Python runs; the same bytes from the same sources."""
    sources = sorted((_CHECKOUT / "provisioning/server").rglob("*.py"))
    paths = [*(_CHECKOUT / part for part in _PARTS), *sources]
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        packed.writestr(zipfile.ZipInfo("__main__.py"), _MAIN)
        for path in paths:
            name = str(path.relative_to(_CHECKOUT))
            packed.writestr(zipfile.ZipInfo(name), path.read_bytes())
    return buffer.getvalue()
