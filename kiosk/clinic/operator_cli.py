"""``kiosk clinic operator …``: who may sign in at the stations."""

from __future__ import annotations

import argparse
from getpass import getpass
from pathlib import Path

from kiosk.clinic import operators
from kiosk.clinic.arguments import Commands, Guard, add_desk, add_server, post_of
from kiosk.clinic.badges import write_badge
from kiosk.clinic.desk import Desk
from kiosk.clinic.operators import Admission, Newcomer
from kiosk.model import Role
from kiosk.records.badge import parse_badge
from kiosk.tables import aligned


def add_parsers(commands: Commands, guarded: Guard) -> None:
    """Register ``operator`` with its commands; ``guarded`` turns errors into exit codes."""
    parser = commands.add_parser("operator", help="who may sign in at the stations")
    acts = parser.add_subparsers(required=True, metavar="ACT")
    added = acts.add_parser("add", help="enrol somebody: badge and first PIN")
    add_desk(added)
    add_server(added)
    added.add_argument("--name", required=True, help="as records will show it")
    added.add_argument("--role", required=True, choices=[role.value for role in Role])
    added.add_argument("--supervisor", action="store_true", help="may release locked badges")
    added.add_argument("--station", action="append", required=True, metavar="STATION")
    added.add_argument("-o", "--output", type=Path, required=True, metavar="DIR")
    added.set_defaults(handler=guarded(add))
    listed = acts.add_parser("list", help="print the register")
    add_desk(listed)
    listed.set_defaults(handler=guarded(show))
    what = "let somebody who has a badge sign in at one more station"
    more = acts.add_parser("admit", help=what, description=f"{what}; asks for the badge's code")
    more.add_argument("operator", metavar="ID")
    add_desk(more)
    add_server(more)
    more.add_argument("--station", required=True, metavar="STATION")
    more.set_defaults(handler=guarded(admit))
    gone = acts.add_parser("revoke", help="withdraw a badge")
    gone.add_argument("operator", metavar="ID")
    gone.add_argument("--station", metavar="STATION", help="from there alone")
    add_desk(gone)
    add_server(gone)
    gone.set_defaults(handler=guarded(revoke))


def add(args: argparse.Namespace) -> int:
    """Enrol an operator; print the first PIN."""
    desk = Desk(args.desk)
    who = Newcomer(args.name, Role(args.role), args.supervisor, args.station)
    issued = operators.add(desk, who, post_of(args))
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


def show(args: argparse.Namespace) -> int:
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


def admit(args: argparse.Namespace) -> int:
    """Let an operator sign in at one more station; print the first PIN there."""
    # Not shown: whoever has read it has the badge.
    said = getpass("Hold the badge to the reader, or type what its code says: ")
    where = Admission(args.station, parse_badge(said.strip()))
    pin = operators.admit(Desk(args.desk), args.operator, where, post_of(args))
    print(f"operator        {args.operator}")
    print(f"first PIN       {pin}, at {args.station}")
    return 0


def revoke(args: argparse.Namespace) -> int:
    """Withdraw a badge."""
    letters = operators.revoke(Desk(args.desk), args.operator, post_of(args), args.station)
    if not letters:
        print(f"{args.operator} is withdrawn; no station was written to.")
        return 0
    where = args.station or f"{len(letters)} station{'s' if len(letters) != 1 else ''}"
    print(f"{args.operator} is withdrawn from {where}, once it is fetched.")
    return 0
