"""``kiosk clinic desk …``: the desk's folder, and its stations."""

from __future__ import annotations

import argparse
from datetime import datetime

from kiosk.clinic import operators
from kiosk.clinic.arguments import (
    Commands,
    Guard,
    add_desk,
    add_server,
    add_stations,
    local_now,
    post_of,
)
from kiosk.clinic.desk import Desk, StationFile
from kiosk.clinic.stolen import Theft, cut_off
from kiosk.envelope.letter import Kind
from kiosk.errors import UsageError
from kiosk.tables import printable


def add_parsers(commands: Commands, guarded: Guard) -> None:
    """Register ``desk`` with its commands; ``guarded`` turns errors into exit codes."""
    parser = commands.add_parser("desk", help="the desk that enrols operators and writes to them")
    acts = parser.add_subparsers(required=True, metavar="ACT")
    made = acts.add_parser("init", help="make the desk's folder and its keys")
    add_desk(made)
    made.add_argument("--clinic", required=True, metavar="NAME", help="as station.toml names it")
    made.set_defaults(handler=guarded(init))
    added = acts.add_parser("station", help="add a station; prints what its station.toml needs")
    added.add_argument("name", metavar="STATION")
    add_desk(added)
    add_server(added)
    added.add_argument(
        "--share",
        action="store_true",
        help="keep a part of its operators' keys on the server, so that a stolen station is dead "
        "once that is deleted",
    )
    added.set_defaults(handler=guarded(station))
    cut = acts.add_parser("delete-share", help="let nobody sign in at a station any more")
    cut.add_argument("name", metavar="STATION")
    add_desk(cut)
    add_server(cut)
    cut.set_defaults(handler=guarded(share))
    _add_stolen(acts, guarded)
    what = "write to a station once more who may sign in, where what it has is lost or damaged"
    again = acts.add_parser("resend", help=what, description=what)
    again.add_argument("name", metavar="STATION")
    add_desk(again)
    add_server(again)
    again.add_argument(
        "--share",
        action="store_true",
        help="the server's share too; never for a station that is not where it should be",
    )
    again.set_defaults(handler=guarded(resend))


def _add_stolen(acts: Commands, guarded: Guard) -> None:
    what = "cut a stolen station off: at the server, at the desk, and in the list of stations"
    parser = acts.add_parser("stolen", help=what, description=what)
    parser.add_argument("name", metavar="STATION")
    add_desk(parser)
    add_server(parser)
    add_stations(parser, required=True)
    parser.add_argument(
        "--since",
        type=_moment,
        metavar="TIME",
        help="2026-11-26 or 2026-11-26T08:00, by this machine's clock: from when on nothing that "
        "it signs is believed (default: now)",
    )
    parser.set_defaults(handler=guarded(stolen))


def _moment(text: str) -> datetime:
    """Read a time of day here."""
    try:
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError) as error:
        raise argparse.ArgumentTypeError(f"invalid time value: {text!r}") from error


def init(args: argparse.Namespace) -> int:
    """Make a desk."""
    desk = Desk.found(args.desk, args.clinic, local_now())
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
        desk.send(added, Kind.SHARE, added.share, post_of(args))
    print(_settings(desk, added))
    return 0


def share(args: argparse.Namespace) -> int:
    """Take a station's share off the server: nobody can sign in there any more."""
    desk = Desk(args.desk)
    there = desk.withdraw(desk.station(args.name), Kind.SHARE, post_of(args))
    said = "is deleted" if there else "was not there"
    print(f"{args.name}: the share {said}. A station that is on forgets it within a minute or two.")
    return 0


def stolen(args: argparse.Namespace) -> int:
    """Cut a stolen station off; 1 where something is left to do by hand."""
    post = post_of(args)
    since = args.since or post.now
    if since > post.now:
        raise UsageError(f"{since:%Y-%m-%d %H:%M} is still to come; expected when it was stolen.")
    parts = cut_off(Desk(args.desk), Theft(args.name, since, args.stations), post)
    for part in parts:
        print(f"{'FAILED' if part.todo else 'done':8}{part.name:9}{printable(part.said)}")
    for part in parts:
        if part.todo:
            print(f"TO DO   {part.name:9}{printable(part.todo)}, or this command again")
    print(
        f"TO DO   copies   of {printable(args.stations)}: bring it to every machine that collects "
        "or proves"
    )
    return 1 if any(part.todo for part in parts) else 0


def resend(args: argparse.Namespace) -> int:
    """Write a station's letters anew, but for the day's list."""
    desk, post = Desk(args.desk), post_of(args)
    known = desk.addressee(args.name)
    if args.share:
        if known.share is None:
            raise UsageError(f"{args.name}: this station was added without a share.")
        desk.send(known, Kind.SHARE, known.share, post)
    operators.send_roster(desk, desk.station(args.name), post)
    with_share = " and the share" if args.share else ""
    print(f"The operators{with_share} are sent to {args.name} once more.")
    return 0


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
