"""``kiosk clinic consent show``: one patient's consents and what was photographed under them."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from kiosk.clinic.arguments import Commands, Guard, add_stations
from kiosk.clinic.consent_timeline import Picture, Timeline, gather, timelines
from kiosk.clinic.stations import load_stations
from kiosk.envelope.consent import Consent
from kiosk.records.consent import ConsentRecord, Decision
from kiosk.records.consent_history import HistoryEntry, Period
from kiosk.records.shot import Instant
from kiosk.tables import aligned, printable

OK, DOUBTFUL = 0, 1

_UNSURE: Final = " (clock not synchronised)"


def add_parsers(commands: Commands, guarded: Guard) -> None:
    """Register ``consent`` with its commands; ``guarded`` turns errors into exit codes."""
    consent = commands.add_parser("consent", help="what patients have consented to")
    acts = consent.add_subparsers(required=True, metavar="COMMAND")
    what = "print a patient's acts of consent, when each use was allowed, and the pictures"
    parser = acts.add_parser("show", help=what, description=what)
    parser.add_argument("patient", metavar="PATIENT", help="the clinic's number")
    parser.add_argument(
        "--pictures", type=Path, required=True, metavar="DIR", help="what `open` has filled"
    )
    add_stations(parser, required=False)
    parser.set_defaults(handler=guarded(show))


def show(args: argparse.Namespace) -> int:
    """Print the timeline; exit code 1 if anything is wrong with it."""
    stations = load_stations(args.stations) if args.stations else None
    gathered = gather(args.pictures, args.patient, stations)
    found = timelines(gathered, args.patient)
    for one in found:
        for line in lines(one):
            print(printable(line))
    for path, error in gathered.failed:
        print(printable(f"FAILED    {path}: {error.sentence.removeprefix(f'{path}: ')}"))
    if stations is None:
        print("Signatures were not compared with a list of stations: give --stations.")
    return OK if not gathered.failed and all(one.clean for one in found) else DOUBTFUL


def lines(timeline: Timeline) -> Iterator[str]:
    """Yield the timeline for a person to read."""
    yield f"Patient {timeline.patient.id} of {timeline.patient.issuer}"
    yield ""
    for act in timeline.acts:
        yield from _act(act)
    if not timeline.acts:
        yield "no consent on record"
    yield f"allowed by the newest acts: {', '.join(timeline.uses) or 'nothing'}"
    yield from ("", "when each use was allowed")
    yield from _table([_period(one) for one in timeline.periods])
    yield from ("", "pictures")
    yield from _table([_picture(one) for one in timeline.pictures])
    yield ""
    for period in timeline.periods:
        for caveat in period.caveats:
            yield f"NOTE      {period.use}: {caveat}"
    for finding in timeline.findings:
        yield f"WARNING   {finding.said}"
    for picture in timeline.pictures:
        for warning in picture.warnings:
            yield f"WARNING   {_name(picture)}: {warning}"


def _act(act: Consent) -> Iterator[str]:
    record = act.record
    yield (
        f"act {record.number}, {record.kind} {_when(record.at)} at {record.station}, "
        f"taken by {record.operator.name} ({record.operator.id})"
    )
    yield f"    {'; '.join(_decision(one) for one in record.decisions)}"
    yield from _form(record)
    yield f"    SHA-256 {act.digest}"


def _form(record: ConsentRecord) -> Iterator[str]:
    form = record.form
    if form is None:
        return
    text, signer = form.text, form.signer
    yield f"    text {text.id}, version {text.version}, {text.language}: {text.title}"
    who = "the patient" if signer.role == "patient" else f"{signer.name}, {signer.relation}"
    yield f"    shown {_when(form.shown_at)}, understood, signed by {who}"
    if form.age is not None:
        yield f"    aged {form.age.age}, at least {form.age.minimum} for {form.age.treatment}"


def _decision(decision: Decision) -> str:
    where = f" ({', '.join(decision.channels)})" if decision.channels else ""
    return f"{decision.purpose}{where}: {'yes' if decision.allowed else 'no'}"


def _period(period: Period) -> tuple[str, ...]:
    begun = f"from act {period.begun.number}, {_entry(period.begun)}"
    if period.ended is not None:
        return (period.use, begun, f"to act {period.ended.number}, {_entry(period.ended)}")
    if period.lapses is not None:
        return (period.use, begun, f"until {period.lapses.isoformat(timespec='seconds')}")
    return (period.use, begun, "until withdrawn")


def _picture(picture: Picture) -> tuple[str, ...]:
    under = "no act" if picture.act is None else f"act {picture.act.record.number}"
    taken = picture.shot.record.captured_at
    return (_name(picture), _when(taken), f"under {under}")


def _name(picture: Picture) -> str:
    manifest = picture.shot.manifest
    return f"{manifest.station} {manifest.sequence} {picture.shot.record.view.id}"


def _table(rows: list[tuple[str, ...]]) -> Iterator[str]:
    yield from (f"    {line}" for line in aligned(rows).splitlines()) if rows else ("    none",)


def _entry(entry: HistoryEntry) -> str:
    return _when(entry.at)


def _when(at: Instant) -> str:
    return f"{at.wall[:19]}{'' if at.clock.value == 'synchronised' else _UNSURE}"
