"""The stations of this server: their keys, and what waits for the collector."""

from __future__ import annotations

import base64
import binascii
import contextlib
import grp
import hashlib
import pwd
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kiosk.errors import UsageError
from provisioning.server import dropbox, enrolment, system
from provisioning.server.place import Place


@dataclass(frozen=True, slots=True)
class Station:
    """One line of the list.

    Attributes:
        name: of the station and its account.
        fingerprint: of its key, or empty text where it has none: revoked, or not enrolled yet.
        waiting: files that the collector has not taken yet.
        newest: when the newest of them arrived, or None.
        quarantined: whether its logins are refused until it is released.
        full: whether its logins are refused until it holds less.
        aside: files that were set aside when it was.
        expected: until when its code can be used, or None where none is out.
    """

    name: str
    fingerprint: str
    waiting: int
    newest: datetime | None
    quarantined: bool
    full: bool
    aside: int
    expected: datetime | None = None


def stations(place: Place) -> list[Station]:
    """Return every station, in order of their names."""
    return [_station(place, name) for name in names()]


def names() -> list[str]:
    """Return the names of all stations, in order."""
    return [account.pw_name for account in _accounts()]


def require_station(name: str) -> None:
    """Make sure that there is a station of this name.

    Raises:
        UsageError: there is none.
    """
    if name not in names():
        raise UsageError(f"{name!r} is no station of this server; `list` shows them")


def _station(place: Place, name: str) -> Station:
    key = place.keys / name
    folder = place.root / name
    arrived = list(_arrivals(folder / dropbox.INBOX))
    line = key.read_text(encoding="ascii") if key.exists() else enrolment.key_of(place, name)
    return Station(
        name,
        _fingerprint(line),
        waiting=len(arrived),
        newest=datetime.fromtimestamp(max(arrived), UTC) if arrived else None,
        quarantined=name in system.members(dropbox.QUARANTINED),
        full=name in system.members(dropbox.FULL),
        aside=len(list(_arrivals(folder / dropbox.ASIDE))),
        expected=enrolment.until(place, name),
    )


def _arrivals(folder: Path) -> Iterator[float]:
    """When each finished file arrived; the collector may take one away meanwhile."""
    with contextlib.suppress(FileNotFoundError):
        for path in folder.iterdir():
            if not path.name.startswith("."):
                with contextlib.suppress(FileNotFoundError):
                    yield path.lstat().st_mtime


def _fingerprint(line: str) -> str:
    """As ``ssh-keygen -l`` prints it; empty where the file holds no key."""
    fields = line.split()
    try:
        blob = base64.b64decode(fields[2], validate=True)
    except (IndexError, binascii.Error):
        return ""
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


def _accounts() -> list[pwd.struct_passwd]:
    try:
        group = grp.getgrnam(dropbox.STATIONS).gr_gid
    except KeyError as error:
        raise UsageError("this server is not prepared; run `prepare` first") from error
    return sorted((a for a in pwd.getpwall() if a.pw_gid == group), key=lambda a: a.pw_name)
