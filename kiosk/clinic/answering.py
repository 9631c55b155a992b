"""Answering a station that asks for earlier pictures of the patient it has before it.

A station can be stolen with its keys. So the clinic answers only for patients whom it expects, only
stations whose line in the list says that they may ask, and only with pictures of that very patient;
and what it answers opens only in the memory of the station, while the session lasts. Whom it
expects, somebody at the desk names; the collector reads it in the day's list
(:mod:`kiosk.clinic.asked`).
"""

from __future__ import annotations

import io
import os
import shutil
import tempfile
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kiosk.clinic.filing import manifests, read_bounded, read_filed
from kiosk.clinic.kinds import MANIFEST_SUFFIX, SHOTS, safe_name
from kiosk.clinic.opening import require_signed
from kiosk.clinic.stations import Station, require_signer
from kiosk.clinic.storage import make_folders, place, write_new
from kiosk.durable import sync_directory
from kiosk.envelope import recall
from kiosk.envelope.bundle import parse_record
from kiosk.envelope.container import RECORD, SHOT, Shot
from kiosk.envelope.recall import SignedRequest, read_request
from kiosk.envelope.recipients import Identity, Recipient, parse_recipient
from kiosk.envelope.seal import SealingWriter, open_sealed
from kiosk.errors import KioskError, SignatureError, StorageError, UsageError
from kiosk.records.recall import RecallRequest, Wanted
from kiosk.records.shot import ShotRecord


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of a request, or of one picture that it asks for.

    Attributes:
        source: the request's file.
        image: the picture asked for; empty text where the whole request was refused.
        answer: the answer's file; None with an error.
        again: whether it lay there already.
        error: why there is none.
    """

    source: Path
    image: str = ""
    answer: Path | None = None
    again: bool = False
    error: KioskError | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """What a clinic answers with.

    Attributes:
        identities: open the requests.
        stations: whose requests are answered.
        pictures: the folder that ``kiosk clinic open`` fills.
        expected: numbers of the patients who are expected.
        output: where answers are put, mode 0700 where it is made.
        mode: of an answer's file.
        station: the one whose requests are answered; None where any of the list may ask.
    """

    identities: Sequence[Identity]
    stations: Sequence[Station]
    pictures: Path
    expected: Collection[str]
    output: Path
    mode: int = 0o600
    station: str | None = None


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request that may be answered, and the manifests of its pictures that were found."""

    source: Path
    request: RecallRequest
    recipient: Recipient
    found: dict[str, Path]


def answer_all(paths: Sequence[Path], desk: Desk) -> Iterator[Answered]:
    """Answer each request; one that fails does not stop the others."""
    for path in paths:
        try:
            request = _read(path, desk)
            recipient = parse_recipient(request.recipient)
        except KioskError as error:
            yield Answered(path, error=error)
            continue
        asked = _Asked(path, request, recipient, _filed(desk.pictures, request))
        for wanted in request.pictures:
            yield _answer(desk, asked, wanted)


def _read(path: Path, desk: Desk) -> RecallRequest:
    """Open a request and make sure that it may be answered."""
    try:
        with path.open("rb") as file:
            signed = read_request(open_sealed(file, desk.identities))
    except OSError as error:
        raise StorageError(f"{path}: cannot be read: {error.strerror}.") from error
    _require_may_ask(signed, desk.stations)
    if desk.station not in (None, signed.request.station):
        raise SignatureError(
            f"{signed.request.station} asks, but in the drop box of {desk.station}; expected the "
            "station's own."
        )
    if signed.request.patient.id not in desk.expected:
        raise UsageError(
            "The patient asked for is not among those who are expected; expected one of those "
            "named with --for, or on the day's list."
        )
    return signed.request


def _require_may_ask(signed: SignedRequest, stations: Sequence[Station]) -> None:
    asked = signed.request
    key = signed.verify(one.key for one in stations)
    entry = require_signer(key, asked.station, asked.asked_at.wall, stations)
    if recall.NAMESPACE not in entry.namespaces:
        raise SignatureError(
            f"The list of stations does not let {asked.station} ask for pictures; expected "
            f"{recall.NAMESPACE} among its namespaces."
        )


def _filed(pictures: Path, request: RecallRequest) -> dict[str, Path]:
    """Return, by image, the manifests of the pictures asked for; their records say which they are.

    A record that cannot be read is passed over: it is proven or refused when its picture is asked
    for by the right name, and `kiosk clinic verify` names it.
    """
    images = {wanted.image for wanted in request.pictures}
    found = {}
    folder = pictures / safe_name(request.patient.id)
    for manifest in manifests(folder):
        stem = manifest.name.removesuffix(MANIFEST_SUFFIX)
        try:
            text = read_bounded(
                manifest.with_name(stem + SHOTS.suffixes[RECORD]), SHOT.limits[RECORD]
            )
            record = parse_record(text, RECORD, ShotRecord)
        except KioskError:
            continue
        if record.uids.image in images:
            found[record.uids.image] = manifest
    return found


def _answer(desk: Desk, asked: _Asked, wanted: Wanted) -> Answered:
    final = desk.output / f"{wanted.answer}.age"
    try:
        # It need not be sealed again, and could not be: each sealing is another file.
        again = os.path.lexists(final)
        if not again:
            _write(final, _shot(desk, asked, wanted), asked.recipient, desk.mode)
    except KioskError as error:
        return Answered(asked.source, wanted.image, error=error)
    return Answered(asked.source, wanted.image, final, again=again)


def _shot(desk: Desk, asked: _Asked, wanted: Wanted) -> Shot:
    manifest = asked.found.get(wanted.image)
    if manifest is None:
        raise UsageError(
            f"The picture asked for is not in {desk.pictures}; expected it to have been opened."
        )
    shot = read_filed(manifest)
    require_signed(shot, desk.stations)
    if not isinstance(shot, Shot) or shot.record.patient != asked.request.patient:
        raise UsageError("The picture asked for is another patient's; the request is not answered.")
    return shot


def _write(final: Path, shot: Shot, recipient: Recipient, mode: int) -> None:
    """Write an answer under its name, whole or not at all."""
    sealed = io.BytesIO()
    with SealingWriter(sealed.write, [recipient]) as writer:
        shot.write(writer.write)
    folder = final.parent
    try:
        make_folders(folder)
        staging = Path(tempfile.mkdtemp(prefix=".answering-", dir=folder))
        try:
            write_new(staging / final.name, sealed.getvalue())
            (staging / final.name).chmod(mode)
            place(staging / final.name, final)
            sync_directory(folder)
        finally:
            shutil.rmtree(staging)
    except OSError as error:
        raise StorageError(f"{final}: cannot be written: {error.strerror}.") from error
