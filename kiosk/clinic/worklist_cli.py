"""``kiosk clinic worklist …``: the patients of the day."""

from __future__ import annotations

import argparse
from pathlib import Path

from kiosk.clinic.arguments import (
    Commands,
    Guard,
    add_desk,
    add_server,
    add_stations,
    local_now,
    post_of,
)
from kiosk.clinic.day_consents import LeftOut, consents_of
from kiosk.clinic.day_table import read_table
from kiosk.clinic.desk import Desk
from kiosk.clinic.stations import load_stations
from kiosk.envelope.bundle import encode_record
from kiosk.envelope.letter import Kind
from kiosk.errors import UsageError
from kiosk.records.worklist import Consented, Worklist
from kiosk.tables import printable


def add_parsers(commands: Commands, guarded: Guard) -> None:
    """Register ``worklist`` with its commands; ``guarded`` turns errors into exit codes."""
    parser = commands.add_parser("worklist", help="the patients of the day")
    acts = parser.add_subparsers(required=True, metavar="ACT")
    pushed = acts.add_parser("push", help="send the day's list to a station")
    pushed.add_argument("table", type=Path, metavar="TABLE", help="CSV or JSON")
    add_desk(pushed)
    add_server(pushed)
    pushed.add_argument("--station", required=True, metavar="STATION")
    pushed.add_argument("--day", metavar="YYYY-MM-DD", help="today, where it is left out")
    pushed.add_argument(
        "--pictures",
        type=Path,
        metavar="DIR",
        help="what `open` has filled: what these patients consented to at any station goes along",
    )
    add_stations(pushed, required=False)
    pushed.set_defaults(handler=guarded(push))


def push(args: argparse.Namespace) -> int:
    """Send the day's list to a station; exit code 1 if a patient's consents were left out."""
    desk = Desk(args.desk)
    to, entries = desk.addressee(args.station), read_table(args.table)
    consents, doubtful = _consents(args, [one.number for one in entries], desk.register.clinic)
    try:
        worklist = Worklist(
            station=to.name,
            clinic=desk.register.clinic,
            day=args.day or local_now().date().isoformat(),
            entries=entries,
            consents=consents,
        )
    except ValueError as error:
        raise UsageError(f"{args.table}: {error}.") from error
    body = encode_record(worklist, "day's list")
    desk.send(to, Kind.DAY, body, post_of(args), sealed=True)
    print(f"Patients of {worklist.day}, sent to {to.name}: {len(worklist.entries)}.")
    _print_consents(args, consents, doubtful)
    return 1 if doubtful else 0


def _consents(
    args: argparse.Namespace, numbers: list[str], clinic: str
) -> tuple[tuple[Consented, ...], list[LeftOut]]:
    if args.pictures is None:
        return (), []
    if args.stations is None:
        raise UsageError("Consents are sent only if proven: with --pictures give --stations.")
    stations = load_stations(args.stations)
    found = list(consents_of(numbers, args.pictures, stations, clinic))
    known = tuple(one for one in found if isinstance(one, Consented))
    return known, [one for one in found if isinstance(one, LeftOut)]


def _print_consents(
    args: argparse.Namespace, consents: tuple[Consented, ...], doubtful: list[LeftOut]
) -> None:
    if args.pictures is None:
        print("What they consented to at other stations is not: for that give --pictures.")
        return
    print(f"With it goes what {len(consents)} of them consented to.")
    for one in doubtful:
        print(printable(f"LEFT OUT  what {one.number} consented to: {one.why}"))
