"""Stations that are expected: tickets of one-time codes, and what was enrolled by them.

A code is an SSH key; its ticket has the public half. Root's part is here: it makes everything that
a station will need before the code is used, so that nothing which listens to the network has to be
root. ``receive.py`` does the rest as the account ``enrol``.
"""

from __future__ import annotations

import contextlib
import grp
import json
import os
import pwd
import stat
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from kiosk.errors import UsageError
from provisioning.server import dropbox, receive, system
from provisioning.server.place import Place

LONGEST: Final = timedelta(days=8)
"""A ticket is for a week at most; a day more lets two clocks differ."""

_SHELL = "/bin/sh"


@dataclass(frozen=True, slots=True)
class Ticket:
    """As :class:`kiosk.enrol.request.Ticket`, read without its libraries."""

    station: str
    key: str
    expires_at: datetime


def prepare(place: Place) -> list[str]:
    """Make the account, the folders and the program that receives."""
    done = system.group(dropbox.ENROL) + system.account(dropbox.ENROL, dropbox.ENROL, _SHELL)
    place.enrolments.mkdir(parents=True, exist_ok=True)
    done += system.directory(place.enrolments, 0, 0, 0o755)
    done += system.directory(place.ticket("x").parent, 0, _group(), 0o750)
    done += system.directory(place.enrolled("x").parent, 0, 0, 0o755)
    program = Path(receive.__file__).read_text(encoding="utf-8")
    done += system.write_file(place.receiver, program, 0o755)
    return done + settle(place)


def read_ticket(text: bytes, source: str, now: datetime) -> Ticket:
    """Read and check what the bench wrote.

    Raises:
        UsageError: it is no ticket, or has expired, or one of the two clocks is wrong.
    """
    try:
        found = json.loads(text)
        ticket = Ticket(
            str(found["station"]), str(found["key"]), datetime.fromisoformat(found["expires_at"])
        )
        left = ticket.expires_at - now
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{source}: expected a ticket of `kiosk provision card`") from error
    if found.get("version") != 1 or not receive.KEY.fullmatch(ticket.key):
        raise UsageError(f"{source}: expected a ticket of this version of the program")
    if left <= timedelta():
        raise UsageError(
            f"{source}: this ticket's code expired at {ticket.expires_at:%Y-%m-%d %H:%M} UTC, and "
            f"this server's clock says {now:%Y-%m-%d %H:%M} UTC; have the card's code made anew"
        )
    if left > LONGEST:
        raise UsageError(
            f"{source}: this ticket's code is good until {ticket.expires_at:%Y-%m-%d %H:%M} UTC, "
            f"and this server's clock says {now:%Y-%m-%d %H:%M} UTC; expected a week at most: one "
            "of the two clocks is wrong"
        )
    return ticket


def expect(place: Place, ticket: Ticket) -> list[str]:
    """Let one request in; an earlier ticket of the station's is of no use from now on."""
    record = {
        "version": 1,
        "station": ticket.station,
        "key": ticket.key,
        "expires_at": ticket.expires_at.isoformat(),
    }
    path = place.ticket(ticket.station)
    before = until(place, ticket.station)
    written = system.write_file(path, f"{json.dumps(record)}\n", 0o644)
    _open_slot(place.enrolled(ticket.station))
    again = " (the code before it is refused now)" if before and written else ""
    return (
        [f"{ticket.station} may enrol until {ticket.expires_at:%Y-%m-%d %H:%M} UTC{again}"]
        if written
        else []
    )


def settle(place: Place) -> list[str]:
    """Take what was enrolled out of the account's hands: from now on only root can change it."""
    done = []
    folder = place.enrolled("x").parent
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if path.stat().st_uid != 0 and key_of(place, path.name):
            os.chown(path, 0, 0)
            path.chmod(0o644)
            done.append(f"the enrolment of {path.name} was settled")
    return done


def forget(place: Place, name: str) -> list[str]:
    """Take back a station's ticket, and the key that came by it."""
    done = []
    for path, what in ((place.ticket(name), "code"), (place.enrolled(name), "enrolment")):
        if path.exists():
            path.unlink()
            done.append(f"the {what} of {name} was removed")
    return done


def key_of(place: Place, name: str) -> str:
    """Return the ``authorized_keys`` line that came by a code, or empty text."""
    fields = receive.parsed(receive.content(place.enrolled(name)), name)
    return "" if fields is None else f"restrict {fields['ssh_key']}\n"


def until(place: Place, name: str) -> datetime | None:
    """Return until when a station that has not enrolled yet may do so."""
    if key_of(place, name):
        return None
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        return datetime.fromisoformat(json.loads(place.ticket(name).read_bytes())["expires_at"])
    return None


def request_of(place: Place, name: str) -> str:
    """Return a station's request as it came, for the clinic to prove and to list its signing key.

    Raises:
        UsageError: none came.
    """
    sent = receive.content(place.enrolled(name))
    if receive.parsed(sent, name) is None:
        raise UsageError(f"{name} has not enrolled by a code on this server; `list` shows all")
    return sent.decode("ascii")


def _open_slot(path: Path) -> None:
    """Make the one file that the account may write for this station."""
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        os.fchown(descriptor, pwd.getpwnam(dropbox.ENROL).pw_uid, _group())
        os.fchmod(descriptor, stat.S_IRUSR | stat.S_IWUSR)
    finally:
        os.close(descriptor)


def _group() -> int:
    return grp.getgrnam(dropbox.ENROL).gr_gid
