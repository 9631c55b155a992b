"""``kiosk clinic …``: keys, opening and proving, at the clinic's desk.

Exit codes: 0 all is well, 1 something was not opened or not proven, 2 the command line, the
identity file or the list of stations cannot be used.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from kiosk.clinic import (
    audit_cli,
    collect_cli,
    consent_cli,
    desk_cli,
    operator_cli,
    worklist_cli,
)
from kiosk.clinic.answering import Answered, Desk, answer_all
from kiosk.clinic.arguments import (
    Commands,
    Handler,
    add_identity,
    add_stations,
    identities_of,
    local_now,
)
from kiosk.clinic.keygen import make_keys
from kiosk.clinic.opening import open_all
from kiosk.clinic.stations import load_stations
from kiosk.clinic.verifying import Continuity, Verdict, continuity, verify_all
from kiosk.envelope.recipients import HYBRID, X25519
from kiosk.errors import KioskError
from kiosk.tables import aligned, printable

OK, UNPROVEN, USAGE = 0, 1, 2

_HEADINGS = ("file", "station", "sequence", "what", "signed by", "parts")


def add_parser(subparsers: Commands) -> None:
    """Register ``clinic`` with its commands; each sets ``handler`` on the parsed arguments."""
    clinic = subparsers.add_parser("clinic", help="keys, opening and proving at the clinic")
    commands = clinic.add_subparsers(required=True, metavar="COMMAND")
    _add_keygen(commands)
    _add_open(commands)
    _add_verify(commands)
    _add_answer(commands)
    for part in (collect_cli, desk_cli, operator_cli, worklist_cli):
        part.add_parsers(commands, _guarded)
    consent_cli.add_parsers(commands, _guarded)
    audit_cli.add_parsers(commands, _guarded)


def keygen(args: argparse.Namespace) -> int:
    """Make the archive key and the recovery key."""
    kind, now = X25519 if args.x25519 else HYBRID, local_now()
    files = make_keys(args.output, kind, now)
    print(f"archive key     {files.archive}")
    print(f"recovery key    {files.recovery}")
    print(f"recipients      {files.recipients}")
    print(
        f"\nGive {files.recipients.name} to every station: it is not secret.\n"
        f"Keep {files.archive.name} on the desk that opens pictures, and nowhere else.\n"
        f"Move {files.recovery.name} off this machine now: print it or copy it to a token, put "
        "that into the safe,\ntry to open a picture with the copy, then delete the file here. "
        "If both keys are lost,\nno one can open the pictures again."
    )
    return OK


def open_files(args: argparse.Namespace) -> int:
    """Open sealed files into folders by patient, date and view."""
    identities = identities_of(args)
    stations = load_stations(args.stations) if args.stations else None
    failed = 0
    for opened in open_all(args.files, identities, args.output, stations):
        if opened.error is not None:
            failed += 1
            _print_failed(opened.source, opened.error)
        elif opened.filed is not None:
            word = "there   " if opened.filed.already else "opened  "
            name = printable(opened.source)
            print(f"{word}{name} -> {printable(opened.filed.path)}, by {opened.signed_by}")
    print(f"{len(args.files) - failed} of {len(args.files)} opened, {failed} failed")
    return UNPROVEN if failed else OK


def verify(args: argparse.Namespace) -> int:
    """Prove what stations sent, sealed or opened, and look for missing numbers."""
    identities = identities_of(args)
    stations = load_stations(args.stations)
    verdicts = list(verify_all(args.paths, identities, stations))
    if not verdicts:
        print("There is nothing to prove: expected sealed files (….age) or opened folders.")
        return UNPROVEN
    print(aligned([_HEADINGS, *map(_row, verdicts)]))
    failed = 0
    for verdict in verdicts:
        if verdict.error is not None:
            failed += 1
            _print_failed(verdict.source, verdict.error)
    found = continuity(verdicts)
    for station in found:
        _print_continuity(station, some_failed=failed > 0)
    print(f"{len(verdicts) - failed} of {len(verdicts)} proven, {failed} failed")
    gaps = args.complete and any(station.missing for station in found)
    doubtful = failed or gaps or any(station.repeated for station in found)
    return UNPROVEN if doubtful else OK


def answer(args: argparse.Namespace) -> int:
    """Answer stations that ask for earlier pictures of the patients who are expected."""
    desk = Desk(
        identities_of(args),
        load_stations(args.stations),
        args.pictures,
        frozenset(args.expected),
        args.output,
    )
    results = list(answer_all(args.requests, desk))
    for one in results:
        _print_answered(one)
    failed = sum(one.error is not None for one in results)
    print(f"{len(results) - failed} answers, {failed} refused")
    return UNPROVEN if failed else OK


def _row(verdict: Verdict) -> tuple[str, ...]:
    name = printable(verdict.source)
    if verdict.manifest is None:
        return (name, "-", "-", "-", "-", "FAILED")
    sequence = str(verdict.manifest.sequence)
    return (name, verdict.manifest.station, sequence, verdict.what, verdict.signed_by, "ok")


def _print_failed(source: Path, error: KioskError) -> None:
    sentence = error.sentence.removeprefix(f"{source}: ")
    print(f"FAILED  {printable(source)}: {printable(sentence)}")


def _print_answered(one: Answered) -> None:
    if one.error is not None:
        _print_failed(one.source, one.error)
    else:
        print(f"answered  {printable(one.source)} -> {one.answer}")


def _print_continuity(station: Continuity, *, some_failed: bool) -> None:
    # What failed cannot be trusted to say its number, so it may be one of the missing.
    where = "not proven or not among these files" if some_failed else "not among these files"
    for first, last in station.missing:
        span = str(first) if first == last else f"{first} to {last}"
        print(f"MISSING   {station.station}: {span} {where}")
    for number in station.repeated:
        print(f"REPEATED  {station.station}: two different objects say they are number {number}")


def _guarded(handler: Handler) -> Handler:
    """Turn an error that stops the whole command into one sentence and exit code 2."""

    def run(args: argparse.Namespace) -> int:
        try:
            return handler(args)
        except KioskError as error:
            print(f"kiosk clinic: {printable(error)}", file=sys.stderr)
            return USAGE

    return run


def _add_keygen(commands: Commands) -> None:
    parser = commands.add_parser("keygen", help="make the archive key and the recovery key")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="DIR")
    parser.add_argument(
        "--x25519",
        action="store_true",
        help="for tools that do not know post-quantum keys (age1pq…) yet",
    )
    parser.set_defaults(handler=_guarded(keygen))


def _add_open(commands: Commands) -> None:
    parser = commands.add_parser("open", help="open sealed files by patient, date and view")
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE")
    add_identity(parser, required=True)
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="DIR")
    add_stations(parser, required=False)
    parser.set_defaults(handler=_guarded(open_files))


def _add_verify(commands: Commands) -> None:
    parser = commands.add_parser("verify", help="prove sealed files and opened folders")
    parser.add_argument("paths", type=Path, nargs="+", metavar="FILE_OR_DIR")
    add_identity(parser, required=False)
    add_stations(parser, required=True)
    parser.add_argument(
        "--complete",
        action="store_true",
        help="these are all that the stations sent: exit with 1 where a number is missing",
    )
    parser.set_defaults(handler=_guarded(verify))


def _add_answer(commands: Commands) -> None:
    parser = commands.add_parser("answer", help="bring earlier pictures to a station that asks")
    parser.add_argument("requests", type=Path, nargs="+", metavar="REQUEST")
    add_identity(parser, required=True)
    add_stations(parser, required=True)
    parser.add_argument(
        "--pictures", type=Path, required=True, metavar="DIR", help="what `open` has filled"
    )
    parser.add_argument(
        "--for",
        dest="expected",
        action="append",
        required=True,
        metavar="PATIENT",
        help="number of a patient who is expected; may be given more than once",
    )
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="DIR")
    parser.set_defaults(handler=_guarded(answer))
