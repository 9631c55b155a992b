"""Makes one-time codes, keeps their tickets, and shows the codes to the person at the bench."""

from __future__ import annotations

import difflib
import io
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from kiosk.durable import replace_file, translated
from kiosk.enrol.request import Ticket, parse_ticket
from kiosk.errors import EnrolmentError, UsageError
from kiosk.records.enrolment_code import Code
from provisioning.card.label import label, qr_of

SUFFIX: Final = ".ticket"
MOST_HOURS: Final = 7 * 24
_ANNOUNCE_SECONDS = 120
_QUIET = 4


@dataclass(frozen=True, slots=True)
class Issued:
    """A code and what the server is told of it."""

    code: Code
    ticket: Ticket


def issue(station: str, hours: int, now: datetime) -> Issued:
    """Make a code for a station.

    Args:
        station: for this one and no other.
        hours: for which it is good, 1 to a week.
        now: with its offset.
    """
    code = Code.generate()
    expires = (now.astimezone(UTC) + timedelta(hours=hours)).replace(microsecond=0)
    key = code.key(station).public_line()
    return Issued(code, Ticket(station=station, key=key, expires_at=expires.isoformat()))


def good(folder: Path, station: str, now: datetime) -> Ticket | None:
    """Return the ticket of a station whose code can still be used, or None."""
    path = folder / f"{station}{SUFFIX}"
    if not path.exists():
        return None
    ticket = parse_ticket(path.read_bytes(), str(path))
    return ticket if datetime.fromisoformat(ticket.expires_at) > now else None


def refuse_taken(folder: Path, station: str, now: datetime) -> None:
    """Refuse a name for which another card was made whose code can still be used.

    Raises:
        UsageError: there is one.
    """
    path = folder / f"{station}{SUFFIX}"
    ticket = good(folder, station, now)
    if ticket is not None:
        raise UsageError(
            f"the name {station} is taken: another card was made for it, whose code is good until "
            f"{shown(ticket)} ({path}); expected another name, or --again if this card replaces it"
        )


def refuse_unknown(folder: Path, people: Path, station: str) -> None:
    """Refuse a code for a station for which no card was made here.

    Args:
        folder: with the tickets of all cards.
        people: what the desk printed for this station.
        station: its name.

    Raises:
        UsageError: it has no ticket, or the desk does not know it.
    """
    known = sorted(path.stem for path in folder.glob(f"*{SUFFIX}"))
    if station not in known:
        near = difflib.get_close_matches(station, known, n=1)
        raise UsageError(
            f"no card was made here for {station!r} ({folder} has no ticket of it); expected "
            + (f"{near[0]}, perhaps, or " if near else "")
            + "its card first: `kiosk provision card`"
        )
    if not people.is_file():
        raise UsageError(
            f"{people} is not there any more; expected what `kiosk clinic desk station {station}` "
            "printed, as for its card"
        )


def keep_ticket(folder: Path, ticket: Ticket) -> Path:
    """Write a ticket down for the server's administrator and, later, for the desk.

    Raises:
        StorageError: the folder refuses.
    """
    path = folder / f"{ticket.station}{SUFFIX}"
    with translated(f"making {folder}"):
        folder.mkdir(parents=True, exist_ok=True)
    replace_file(path, msgspec.json.encode(ticket) + b"\n", 0o644)
    return path


def announce(command: Sequence[str], ticket: Ticket) -> None:
    """Tell the server, by the clinic's own command.

    Args:
        command: takes a ticket on its input and ends with 0 once the server has it.
        ticket: what to tell.

    Raises:
        EnrolmentError: it could not be run, or the server refused; its own words are repeated.
    """
    try:
        done = subprocess.run(
            list(command),
            input=msgspec.json.encode(ticket),
            capture_output=True,
            timeout=_ANNOUNCE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EnrolmentError(
            f"The server could not be told of {ticket.station}: `{command[0]}`: {error}."
        ) from error
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:] or ["no reason"]
        raise EnrolmentError(f"The server was told of {ticket.station} and refused: {said[0]}")


def shown(ticket: Ticket) -> str:
    """Return until when a ticket's code is good, as people write it."""
    return f"{datetime.fromisoformat(ticket.expires_at):%Y-%m-%d %H:%M} UTC"


def on_terminal(issued: Issued) -> str:
    """Return the code as text and as a QR code that a reader takes from a terminal."""
    out = io.StringIO()
    qr_of(issued.code).terminal(out, border=_QUIET, compact=True)
    return f"{out.getvalue()}\n    {issued.code.text()}\n"


def write_label(folder: Path, issued: Issued) -> Path:
    """Write the label to print, mode 0600: whoever has it can enrol until it expires.

    Raises:
        StorageError: it cannot be written.
    """
    path = folder / f"{issued.ticket.station}.svg"
    text = label(issued.ticket.station, issued.code, shown(issued.ticket))
    with translated(f"making {folder}"):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    replace_file(path, text.encode("ascii"), 0o600)
    return path
