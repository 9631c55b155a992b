"""The baseline of one patient and view: what a station keeps to guide the next visit by.

It has what says whose it is, the pose descriptor where the view is one that is measured, and no
picture.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from kiosk.errors import BaselineError
from kiosk.model import ClockState
from kiosk.records.shot import Instant, PatientReference, Record, Series, ShotRecord, Slug, Uid

DESCRIPTOR_LIMIT = 16 * 1024
"""Largest pose descriptor, bytes."""

TEXT_SIZE = 26 * 1024
"""Bytes of every baseline's text: base64 of the largest descriptor and 4 kB for all else."""


class Baseline(Record, frozen=True, kw_only=True):
    """The first accepted shot of a patient's view, without its picture.

    Attributes:
        patient: whose it is.
        view: of which view.
        image: ``uids.image`` of the shot.
        session: ``uids.session`` of the visit.
        taken_at: when the exposure began.
        protocol: the set of views that was photographed.
        descriptor: of the pose, as the pose engine made it, base64 in JSON; None of a view that
            no station measures.
        version: 1 with a descriptor, so that earlier versions of the program read it; else 2.

    Raises:
        ValueError: on construction, if ``taken_at.wall`` is no moment that exists, or the version
            is another's.
    """

    version: Literal[1, 2] = 1
    patient: PatientReference
    view: Slug
    image: Uid
    session: Uid
    taken_at: Instant
    protocol: Slug
    descriptor: Annotated[bytes, Meta(min_length=1, max_length=DESCRIPTOR_LIMIT)] | None

    def __post_init__(self) -> None:
        datetime.fromisoformat(self.taken_at.wall)
        expected = _version(self.descriptor)
        if self.version != expected:
            without = "without" if self.descriptor is None else "with"
            raise ValueError(f"version {self.version} {without} a descriptor; expected {expected}")

    def __repr__(self) -> str:
        """Return what a log may show: neither patient nor descriptor."""
        return f"Baseline(view={self.view!r})"


def of_shot(record: ShotRecord, descriptor: bytes | None) -> Baseline:
    """Return what is kept of an accepted shot, whose ``pose.bin``, if any, is ``descriptor``."""
    return Baseline(
        version=_version(descriptor),
        patient=record.patient,
        view=record.view.id,
        image=record.uids.image,
        session=record.uids.session,
        taken_at=record.captured_at,
        protocol=record.protocol,
        descriptor=descriptor,
    )


def encode(baseline: Baseline) -> bytes:
    """Return the one text of a baseline: JSON, filled up with spaces to :data:`TEXT_SIZE` bytes.

    All have the same size, so that none tells by it what is inside.

    Raises:
        BaselineError: a field has a value that :func:`decode` would refuse, or all fields together
            are larger than any station writes.
    """
    try:
        text = msgspec.json.encode(baseline)
        msgspec.json.decode(text, type=Baseline)
    except (msgspec.DecodeError, TypeError) as error:
        raise BaselineError(f"The baseline cannot be written: {error}.") from error
    if len(text) > TEXT_SIZE:
        raise BaselineError(
            f"The baseline cannot be written: it has {len(text)} bytes, expected at most "
            f"{TEXT_SIZE}."
        )
    return text.ljust(TEXT_SIZE)


def decode(text: bytes) -> Baseline:
    """Read what :func:`encode` wrote, and nothing else.

    Raises:
        BaselineError: any other text.
    """
    try:
        baseline = msgspec.json.decode(text, type=Baseline)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BaselineError(f"The baseline cannot be read: {error}.") from error
    # One value has one text, so that no two readers see different values in doubled keys.
    if encode(baseline) != text:
        raise BaselineError("The baseline is not in the one form that stations write.")
    return baseline


def series(baseline: Baseline | None, captured_at: Instant) -> Series:
    """Return the place of a picture taken at ``captured_at`` among this patient's of the view.

    Args:
        baseline: the patient's of this view; None where this picture becomes it.
        captured_at: when the exposure began.
    """
    if baseline is None:
        return Series(role="baseline")
    days = _days(baseline.taken_at, captured_at)
    return Series(role="follow-up", days=days, baseline=baseline.image)


def _version(descriptor: bytes | None) -> Literal[1, 2]:
    return 2 if descriptor is None else 1


def _days(earlier: Instant, later: Instant) -> int | None:
    """Return the days between, None unless both clocks were right and agree on the order.

    Rounded to whole days rather than counted by date: the station's dates are UTC's, and opening
    hours may lie across its midnight.
    """
    if {earlier.clock, later.clock} != {ClockState.SYNCHRONISED}:
        return None
    between = datetime.fromisoformat(later.wall) - datetime.fromisoformat(earlier.wall)
    return None if between < timedelta() else round(between / timedelta(days=1))
