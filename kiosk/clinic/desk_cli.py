"""``kiosk clinic desk|operator|worklist …``: what the clinic's desk sends to its stations."""

from __future__ import annotations

import argparse
import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from kiosk.clinic import operators
from kiosk.clinic.arguments import Commands, Guard
from kiosk.clinic.badges import write_badge
from kiosk.clinic.desk import Desk, Post, StationFile
from kiosk.clinic.operators import Newcomer
from kiosk.envelope.bundle import encode_record
from kiosk.envelope.letter import Kind
from kiosk.errors import UsageError
from kiosk.model import Role
from kiosk.records.worklist import Expected, Worklist, parse_table
from kiosk.tables import aligned

_TABLE_LIMIT = 4 * 1024 * 1024


def add_parsers(commands: Commands, guarded: Guard) -> None:
    """Register the commands; each handler goes through ``guarded``."""
    _add_desk(commands, guarded)
    _add_operator(commands, guarded)
    _add_worklist(commands, guarded)


def init(args: argparse.Namespace) -> int:
    """Make a desk."""
    desk = Desk.found(args.desk, args.clinic, _now())
    print(f"desk            {args.desk}")
    print(f"signs with      {desk.key.public_line('desk')}")
    print(
        "\nKeep this folder on the desk that enrols operators, and a copy with the recovery key.\n"
        "It opens what stations remember of patients and lets in whom you name, but no picture.\n"
        "Next: kiosk clinic desk station"
    )
    return 0


def station(args: argparse.Namespace) -> int:
    """Add a station and say what its station.toml needs."""
    desk = Desk(args.desk)
    added = desk.add_station(args.name, share=args.share)
    if added.share is not None:
        desk.send(added, Kind.SHARE, added.share, _post(args))
    print(_settings(desk, added))
    return 0


def share(args: argparse.Namespace) -> int:
    """Take a station's share off the server: nobody can sign in there any more."""
    desk = Desk(args.desk)
    there = desk.withdraw(desk.station(args.name), Kind.SHARE, _post(args))
    said = "is deleted" if there else "was not there"
    print(f"{args.name}: the share {said}. A station that is on forgets it within a minute or two.")
    return 0


def operator_add(args: argparse.Namespace) -> int:
    """Enrol an operator; print the first PIN."""
    desk = Desk(args.desk)
    who = Newcomer(args.name, Role(args.role), args.supervisor, args.station)
    issued = operators.add(desk, who, _post(args))
    clinic = desk.register.clinic
    for path in write_badge(args.output, clinic, issued.person, issued.badge):
        print(f"badge           {path}")
    print(f"operator        {issued.person.id}")
    print(f"first PIN       {issued.pin}")
    print(
        "\nPrint the badge, hand both over in person, then delete the badge's files here: whoever "
        "has them has the badge.\nThe PIN is replaced at the first sign-in and stands nowhere else."
    )
    return 0


def operator_list(args: argparse.Namespace) -> int:
    """Print the register."""
    rows = [("id", "name", "role", "stations", "enrolled", "withdrawn")]
    rows += [
        (
            one.id,
            one.name,
            f"{one.role.value}{' (supervisor)' if one.supervisor else ''}",
            ", ".join(one.stations),
            one.enrolled_at[:10],
            "-" if one.revoked_at is None else one.revoked_at[:10],
        )
        for one in Desk(args.desk).register.operators
    ]
    print(aligned(rows))
    return 0


def operator_revoke(args: argparse.Namespace) -> int:
    """Withdraw a badge."""
    letters = operators.revoke(Desk(args.desk), args.operator, _post(args))
    print(f"{args.operator} is withdrawn from {len(letters)} stations, once they fetch it.")
    return 0


def worklist_push(args: argparse.Namespace) -> int:
    """Send the day's list to a station."""
    desk = Desk(args.desk)
    to = desk.station(args.station)
    try:
        worklist = Worklist(
            station=to.name,
            clinic=desk.register.clinic,
            day=args.day or _now().date().isoformat(),
            entries=_entries(args.table),
        )
    except ValueError as error:
        raise UsageError(f"{args.table}: {error}.") from error
    body = encode_record(worklist, "day's list")
    desk.send(to, Kind.DAY, body, _post(args), sealed=True)
    print(f"{len(worklist.entries)} patients of {worklist.day} are sent to {to.name}.")
    return 0


def _entries(table: Path) -> tuple[Expected, ...]:
    try:
        with table.open("rb") as file:
            text = file.read(_TABLE_LIMIT).decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{table}: expected the day's table, but: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{table}: expected UTF-8 text.") from error
    if table.suffix == ".json":
        try:
            return msgspec.json.decode(text, type=tuple[Expected, ...])
        except msgspec.DecodeError as error:
            raise UsageError(f"{table}: {error}.") from error
    rows = list(csv.DictReader(io.StringIO(text), strict=True))
    return parse_table(rows, str(table))


def _settings(desk: Desk, added: StationFile) -> str:
    lines = [
        "# for the station's station.toml",
        "[people]",
        f'desk = "{desk.key.public_line("desk")}"',
        f'mailbox = "{added.mailbox}"',
    ]
    if added.share is not None:
        lines.append('share = "/run/kiosk-share"')
    return "\n".join(lines)


def _post(args: argparse.Namespace) -> Post:
    return Post(args.server, _now())


def _now() -> datetime:
    return datetime.now(UTC).astimezone()


def _add_desk(commands: Commands, guarded: Guard) -> None:
    parser = commands.add_parser("desk", help="the desk that enrols operators and writes to them")
    acts = parser.add_subparsers(required=True, metavar="ACT")
    made = acts.add_parser("init", help="make the desk's folder and its keys")
    _desk(made)
    made.add_argument("--clinic", required=True, metavar="NAME", help="as station.toml names it")
    made.set_defaults(handler=guarded(init))
    added = acts.add_parser("station", help="add a station; prints what its station.toml needs")
    added.add_argument("name", metavar="STATION")
    _desk(added)
    _server(added)
    added.add_argument(
        "--share",
        action="store_true",
        help="keep a part of its operators' keys on the server, so that a stolen station is dead "
        "once that is deleted",
    )
    added.set_defaults(handler=guarded(station))
    cut = acts.add_parser("delete-share", help="let nobody sign in at a station any more")
    cut.add_argument("name", metavar="STATION")
    _desk(cut)
    _server(cut)
    cut.set_defaults(handler=guarded(share))


def _add_operator(commands: Commands, guarded: Guard) -> None:
    parser = commands.add_parser("operator", help="who may sign in at the stations")
    acts = parser.add_subparsers(required=True, metavar="ACT")
    added = acts.add_parser("add", help="enrol somebody: badge and first PIN")
    _desk(added)
    _server(added)
    added.add_argument("--name", required=True, help="as records will show it")
    added.add_argument("--role", required=True, choices=[role.value for role in Role])
    added.add_argument("--supervisor", action="store_true", help="may release locked badges")
    added.add_argument("--station", action="append", required=True, metavar="STATION")
    added.add_argument("-o", "--output", type=Path, required=True, metavar="DIR")
    added.set_defaults(handler=guarded(operator_add))
    listed = acts.add_parser("list", help="print the register")
    _desk(listed)
    listed.set_defaults(handler=guarded(operator_list))
    gone = acts.add_parser("revoke", help="withdraw a badge")
    gone.add_argument("operator", metavar="ID")
    _desk(gone)
    _server(gone)
    gone.set_defaults(handler=guarded(operator_revoke))


def _add_worklist(commands: Commands, guarded: Guard) -> None:
    parser = commands.add_parser("worklist", help="the patients of the day")
    acts = parser.add_subparsers(required=True, metavar="ACT")
    pushed = acts.add_parser("push", help="send the day's list to a station")
    pushed.add_argument("table", type=Path, metavar="TABLE", help="CSV or JSON")
    _desk(pushed)
    _server(pushed)
    pushed.add_argument("--station", required=True, metavar="STATION")
    pushed.add_argument("--day", metavar="YYYY-MM-DD", help="today, where it is left out")
    pushed.set_defaults(handler=guarded(worklist_push))


def _desk(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--desk", type=Path, required=True, metavar="DIR", help="the desk's folder")


def _server(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--server",
        type=Path,
        required=True,
        metavar="DIR",
        help="the folder of all drop boxes, with STATION/out in it",
    )
