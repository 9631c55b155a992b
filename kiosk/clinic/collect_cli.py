"""``kiosk clinic collect``: what stations have sent goes from the drop boxes into the library.

With a desk they are answered as well: with receipts, and with the earlier pictures they ask for.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from kiosk.clinic.answering import Answered
from kiosk.clinic.arguments import (
    Commands,
    Guard,
    add_desk,
    add_identity,
    add_server,
    add_stations,
    identities_of,
    post_of,
)
from kiosk.clinic.asked import answer_asked
from kiosk.clinic.collecting import Clinic, Collected, alone, collect
from kiosk.clinic.desk import Desk, Post
from kiosk.clinic.dropboxes import QUARANTINE, Box, find_boxes
from kiosk.clinic.originals import Originals
from kiosk.clinic.receipting import write_receipts
from kiosk.clinic.stations import load_stations
from kiosk.clinic.storage import make_folders
from kiosk.durable import translated
from kiosk.errors import KioskError, UsageError
from kiosk.tables import printable

OK, LEFT = 0, 1

_TAKEN, _AGAIN, _ASIDE, _FAILED = "taken", "there already", "set aside", "failed"
_ANSWERED, _WAITING = "answered", "unanswered"


def add_parsers(commands: Commands, guarded: Guard) -> None:
    """Register the command; ``guarded`` turns errors into exit codes."""
    parser = commands.add_parser("collect", help="take in what stations have sent to the server")
    add_server(parser)
    add_stations(parser, required=True)
    add_identity(parser, required=True)
    parser.add_argument(
        "--library", type=Path, required=True, metavar="DIR", help="as `open` fills it"
    )
    parser.add_argument(
        "--sealed",
        type=Path,
        metavar="DIR",
        help="where the sealed originals are kept (default: beside the library, DIR-sealed)",
    )
    add_desk(parser, required=False, what="the desk's folder, to answer stations")
    parser.add_argument("--station", metavar="NAME", help="of this station alone")
    parser.add_argument(
        "--quiet", action="store_true", help="say nothing where there was nothing to do"
    )
    parser.set_defaults(handler=guarded(run))


def run(args: argparse.Namespace) -> int:
    """Collect once; 1 where something is left that somebody has to look at."""
    library = args.library.absolute()
    sealed = args.sealed or library.with_name(f"{library.name}-sealed")
    clinic = Clinic(identities_of(args), load_stations(args.stations), library, sealed)
    boxes = find_boxes(args.server, args.station)
    desk = None if args.desk is None else Desk(args.desk)
    post = post_of(args)
    for folder in (library, sealed):
        with translated(f"making {folder}"):
            make_folders(folder)
    told: Counter[str] = Counter()
    with alone(args.server, sealed):
        for box in boxes:
            told += _collect(box, clinic, desk, post)
    if not args.quiet or told.total() > told[_WAITING]:
        print(", ".join(f"{told[word]} {word}" for word in _summed(args)))
    warned = sum(_warned(box) for box in boxes)
    return LEFT if told[_ASIDE] or told[_FAILED] or warned else OK


def _collect(box: Box, clinic: Clinic, desk: Desk | None, post: Post) -> Counter[str]:
    """Collect from one drop box and answer; return what became of how many."""
    told: Counter[str] = Counter()
    try:
        originals = Originals(clinic.sealed, box.station)
        for one in collect(box, originals, clinic):
            told[_said(box, one)] += 1
        if desk is not None:
            if write_receipts(desk, box.station, originals.taken, post):
                print(f"receipts      {box.station}: a letter names what the clinic has")
            for answered in answer_asked(box, clinic, desk, post):
                told[_said_of_request(box, answered)] += 1
    except KioskError as error:
        print(f"FAILED        {box.station}: {printable(error)}")
        told[_FAILED] += 1
    return told


def _summed(args: argparse.Namespace) -> tuple[str, ...]:
    words = (_TAKEN, _AGAIN, _ASIDE, _FAILED)
    return words if args.desk is None else (*words, _ANSWERED, _WAITING)


def _said_of_request(box: Box, one: Answered) -> str:
    """Print what became of a request for an earlier picture; return it in a word.

    That somebody is not expected, or a picture not here, is no fault, and is not said at each run.
    """
    name = f"{box.station} {printable(one.source.name)}"
    if one.error is None:
        print(f"{_ANSWERED:13} {name}: an earlier picture")
        return _ANSWERED
    if isinstance(one.error, UsageError):
        return _WAITING
    print(f"FAILED        {name}: {printable(one.error)}")
    return _FAILED


def _said(box: Box, one: Collected) -> str:
    """Print what became of a file, without any patient; return it in a word or two."""
    name = f"{box.station} {printable(one.source.name)}"
    if one.error is None:
        word = _AGAIN if one.again else _TAKEN
        print(f"{word:13} {name}: {printable(one.what)}")
        return word
    print(f"{'FAILED' if one.aside is None else 'SET ASIDE':13} {name}: {printable(one.error)}")
    return _FAILED if one.aside is None else _ASIDE


def _warned(box: Box) -> bool:
    """Say how many files lie in a drop box's quarantine, if any do."""
    try:
        count = box.quarantined()
    except KioskError as error:
        print(f"FAILED        {box.station}: {printable(error)}")
        return True
    if count:
        print(
            f"QUARANTINE    {box.station}: {count} files in {box.folder / QUARANTINE}, each with "
            "its reason beside it"
        )
    return count > 0
