"""``kiosk clinic audit verify|show|export``: what happened at the stations, and who did it."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from kiosk import durable
from kiosk.clinic import audit_anchors
from kiosk.clinic.arguments import Commands, Guard, add_identity, add_stations, identities_of
from kiosk.clinic.audit_checking import Trail
from kiosk.clinic.audit_reading import Gathered, gather, trails
from kiosk.clinic.stations import load_stations
from kiosk.clinic.storage import write_new
from kiosk.errors import UsageError
from kiosk.records.audit import Entry, clock_caveat
from kiosk.records.audit_acts import MEANINGS
from kiosk.records.audit_fhir import bundle, ndjson
from kiosk.tables import aligned, printable

OK, DOUBTFUL = 0, 1

_HEADINGS: Final = ("entry", "when", "what", "by", "patient", "about", "more")
_FRACTION: Final = re.compile(r"\.[0-9]+")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def add_parsers(commands: Commands, guarded: Guard) -> None:
    """Register ``audit`` with its commands; ``guarded`` turns errors into exit codes."""
    audit = commands.add_parser("audit", help="what happened at the stations, and who did it")
    acts = audit.add_subparsers(required=True, metavar="COMMAND")
    parser = acts.add_parser("verify", help="find whatever was done to the stations' audit trails")
    _add_sources(parser)
    parser.add_argument(
        "--anchors",
        type=Path,
        metavar="FILE",
        help="remembers how long each trail was, so that a cut one is found; made if it is not "
        "there, and kept apart from the pictures",
    )
    parser.set_defaults(handler=guarded(verify))
    parser = acts.add_parser("show", help="print the trails for a person to read")
    _add_sources(parser)
    _add_filters(parser)
    parser.set_defaults(handler=guarded(show))
    parser = acts.add_parser("export", help="write the trails as FHIR R4 AuditEvent")
    _add_sources(parser)
    _add_filters(parser)
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE")
    parser.add_argument(
        "--bundle", action="store_true", help="one Bundle instead of one resource a line"
    )
    parser.set_defaults(handler=guarded(export))


def verify(args: argparse.Namespace) -> int:
    """Check every trail; raise the clinic's anchors where all of them are whole."""
    anchors = None if args.anchors is None else audit_anchors.load(args.anchors)
    gathered = _gather(args)
    known = [] if anchors is None else audit_anchors.known(anchors, args.anchors)
    found = trails(gathered, known)
    _print_findings(gathered, found)
    for trail in found:
        print(_summary(trail))
    if not found:
        print("no station's audit trail is among these files")
    if _doubtful(gathered, found) or not found:
        return DOUBTFUL
    if anchors is not None:
        newer = audit_anchors.raised(anchors, found)
        if newer != anchors:
            audit_anchors.save(args.anchors, newer)
    return OK


def show(args: argparse.Namespace) -> int:
    """Print what happened, then what is wrong with the trails it was read from."""
    gathered = _gather(args)
    found = _of_station(trails(gathered), args.station)
    for trail in found:
        rows = [_row(entry) for entry in trail.entries if _wanted(entry, args)]
        if rows:
            print(f"{trail.station}\n{aligned([_HEADINGS, *rows])}\n")
    _print_findings(gathered, found)
    return _conclusion(gathered, found)


def export(args: argparse.Namespace) -> int:
    """Write what happened as FHIR, then say what is wrong with the trails it was read from."""
    gathered = _gather(args)
    found = _of_station(trails(gathered), args.station)
    chosen = [
        (trail.station, entry) for trail in found for entry in trail.entries if _wanted(entry, args)
    ]
    content = (bundle if args.bundle else ndjson)(chosen)
    _write(args.output, content)
    print(f"{_many(len(chosen), 'entry', 'entries')} -> {printable(args.output)}")
    _print_findings(gathered, found)
    return _conclusion(gathered, found)


def _write(path: Path, content: bytes) -> None:
    try:
        write_new(path, content)
    except FileExistsError as error:
        raise UsageError(f"{path}: is there already, and nothing is overwritten.") from error
    except OSError as error:
        raise durable.storage_error(error, f"writing {path}") from error


def _gather(args: argparse.Namespace) -> Gathered:
    return gather(args.paths, identities_of(args), load_stations(args.stations))


def _of_station(found: Sequence[Trail], station: str | None) -> list[Trail]:
    return [trail for trail in found if station in (None, trail.station)]


def _wanted(entry: Entry, args: argparse.Namespace) -> bool:
    patient = None if entry.patient is None else entry.patient.id
    return (
        args.operator in (None, entry.operator)
        and args.patient in (None, patient)
        and args.day in (None, entry.at.wall[:10])
    )


def _row(entry: Entry) -> tuple[str, ...]:
    caveat = clock_caveat(entry.at)
    when = _FRACTION.sub("", entry.at.wall).replace("T", " ")
    cells = (
        str(entry.number),
        f"{when} ({caveat})" if caveat else when,
        MEANINGS[entry.act].words,
        entry.operator or "-",
        "-" if entry.patient is None else entry.patient.id,
        entry.subject or "-",
        entry.detail or "-",
    )
    return tuple(printable(cell) for cell in cells)


def _print_findings(gathered: Gathered, found: Sequence[Trail]) -> None:
    for path, error in gathered.failed:
        sentence = error.sentence.removeprefix(f"{path}: ")
        print(f"FAILED    {printable(path)}: {printable(sentence)}")
    for trail in found:
        for finding in trail.findings:
            print(f"{finding.word:<8}  {trail.station}: {printable(finding.said)}")


def _summary(trail: Trail) -> str:
    entries, segments = (
        _many(len(trail.entries), "entry", "entries"),
        _many(trail.segments, "segment", "segments"),
    )
    what = f"{trail.station}: {entries} in {segments}"
    if not trail.findings and trail.entries:
        return f"{what}, whole up to entry {trail.head.entries}, {trail.head.digest}"
    return f"{what}, {_many(len(trail.findings), 'finding', 'findings')}"


def _many(number: int, one: str, more: str) -> str:
    return f"{number} {one if number == 1 else more}"


def _doubtful(gathered: Gathered, found: Sequence[Trail]) -> bool:
    return bool(gathered.failed) or any(trail.findings for trail in found)


def _conclusion(gathered: Gathered, found: Sequence[Trail]) -> int:
    return DOUBTFUL if _doubtful(gathered, found) else OK


def _add_sources(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths",
        type=Path,
        nargs="+",
        metavar="FILE_OR_DIR",
        help="everything that the stations sent, sealed or opened: pictures say, too, how long the "
        "trail was",
    )
    add_identity(parser, required=False)
    add_stations(parser, required=True)


def _add_filters(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--station", metavar="NAME", help="of this station alone")
    parser.add_argument("--operator", metavar="ID", help="what this operator did")
    parser.add_argument("--patient", metavar="NUMBER", help="what concerns this patient")
    parser.add_argument(
        "--day", type=_day, metavar="YYYY-MM-DD", help="of this day, by the station's clock"
    )


def _day(text: str) -> str:
    if _DAY.fullmatch(text) is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; expected YYYY-MM-DD")
    return text
