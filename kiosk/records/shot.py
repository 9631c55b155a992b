"""``shot.json``: everything that is known of one picture, ready for a clinic's records.

Each field maps onto FHIR and DICOM one to one; ``docs/formats/shot.md`` has the table. What is
not known is None, never an invented value.
"""

from __future__ import annotations

import math
import uuid
from typing import Annotated, Literal

from msgspec import Meta, Struct

from kiosk.model import ClockState, Moment

Uid = Annotated[str, Meta(pattern=r"\A2\.25\.(0|[1-9][0-9]{0,38})\Z")]
"""A DICOM UID made from a UUID (PS3.5 B.2)."""
Sha256 = Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
Printable = Annotated[str, Meta(max_length=256, pattern=r"\A[^\x00-\x1f\x7f-\x9f]*\Z")]
Text = Annotated[str, Meta(min_length=1, max_length=256, pattern=r"\A[^\x00-\x1f\x7f-\x9f]+\Z")]
"""Without control characters, so that no record can play tricks on a terminal."""
Slug = Annotated[str, Meta(pattern=r"\A[a-z0-9][a-z0-9_-]{0,62}\Z")]
Positive = Annotated[float, Meta(gt=0)]
NotNegative = Annotated[float, Meta(ge=0)]
Degrees = Annotated[float, Meta(ge=-180, le=180)]
Fraction = Annotated[float, Meta(ge=0, le=1)]
Count = Annotated[int, Meta(ge=0)]
Pixels = Annotated[int, Meta(ge=1, le=65535)]
WallTime = Annotated[
    str,
    Meta(
        pattern=r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?"
        r"(Z|[+-][0-9]{2}:[0-9]{2})\Z"
    ),
]
"""ISO 8601 with the offset from UTC."""


_WITH_PEOPLE = 3
"""The first version of ``shot.json`` that names operator and consent."""


class Record(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One object of the file; subclasses repeat the options because type checkers ask for it."""


class Uids(Record, frozen=True, kw_only=True):
    """Minted at capture: DICOM SOP Instance, Series and Study."""

    image: Uid
    session: Uid
    study: Uid


class PatientReference(Record, frozen=True, kw_only=True):
    """The patient by the clinic's own number; ``issuer`` says who gave it."""

    id: Text
    issuer: Text


class OperatorReference(Record, frozen=True, kw_only=True):
    """Who did it, as the clinic's register of operators has them."""

    id: Slug
    name: Text


class Instant(Record, frozen=True, kw_only=True):
    """One moment by the wall clock and by the station's own; see :class:`kiosk.model.Moment`."""

    wall: WallTime
    monotonic_ns: Count
    boot_id: Annotated[str, Meta(pattern=r"\A[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")]
    clock: ClockState

    @classmethod
    def of(cls, moment: Moment) -> Instant:
        return cls(
            wall=moment.wall,
            monotonic_ns=moment.monotonic_ns,
            boot_id=moment.boot_id,
            clock=moment.clock,
        )


class Code(Record, frozen=True, kw_only=True):
    """A coded term, such as 399033003 of ``http://snomed.info/sct``."""

    system: Text
    code: Text
    display: Text


class ViewRecord(Record, frozen=True, kw_only=True):
    """What the picture was asked to show.

    ``shows_side`` is the side of the patient that the picture shows.
    """

    id: Slug
    code: Code | None
    region: Code | None
    shows_side: Literal["left", "right", "both", "back"] | None
    expression: Code | None


class Series(Record, frozen=True, kw_only=True):
    """Whether the picture began this patient's series of the view or follows in it.

    Attributes:
        role: of this picture.
        days: whole days since the baseline; None of a baseline, and where not both pictures were
            taken under a synchronised clock.
        baseline: ``uids.image`` of the baseline; None of a baseline.
    """

    role: Literal["baseline", "follow-up"]
    days: Count | None = None
    baseline: Uid | None = None


class DeviceRecord(Record, frozen=True, kw_only=True):
    """Who took it: the station, its camera and the software; empty text where it cannot tell."""

    station: Slug
    model: Printable
    serial: Printable
    driver: Printable
    software: Text


class ExposureRecord(Record, frozen=True, kw_only=True):
    """Camera settings; units as in :class:`kiosk.model.CameraSettings`."""

    exposure_us: Annotated[int, Meta(gt=0)]
    analogue_gain: Positive
    colour_gains: tuple[Positive, Positive]
    lens_position: Annotated[float, Meta(ge=0)] | None


class ImageRecord(Record, frozen=True, kw_only=True):
    """The JPEG as it lies beside this record.

    ``mm_per_px`` is None while the station is not calibrated.
    """

    type: Literal["image/jpeg"] = "image/jpeg"
    width: Pixels
    height: Pixels
    size: Annotated[int, Meta(ge=1)]
    sha256: Sha256
    icc_profile: Text | None
    mm_per_px: Positive | None = None
    calibration: Text | None = None


class MatchRecord(Record, frozen=True, kw_only=True):
    """How far the pose was from its target: seen minus wanted, None where it cannot be judged.

    Attributes:
        against: the patient's own baseline, or the view's nominal pose.
        yaw_deg: degrees in the picture as recorded; > 0: the nose is too far right in the picture.
        pitch_deg: degrees; > 0: the chin is too low.
        roll_deg: degrees; > 0: the head is tilted too far counter-clockwise in the picture.
        offset: x and y as fractions of the picture's height; > 0: too far right, too low.
        scale: size over wanted size, 1 where it matches.
        expression_missing: what was missing from the view's expression; empty when nothing was.
        motion: how fast the head moved, fractions of the picture's height per second.
        within_tolerance: whether all that the view asks for was; None where that cannot be judged.
        residual_px: how far landmarks miss on average after registration onto the baseline, pixels
            of a picture 640 wide; None where nothing was registered.

    Raises:
        ValueError: on construction, if a number is not finite: JSON could only say null, which
            means something else.
    """

    against: Literal["baseline", "view"]
    yaw_deg: Degrees | None
    pitch_deg: Degrees | None
    roll_deg: Degrees | None
    offset: tuple[float, float] | None
    scale: Positive | None
    expression_missing: Annotated[tuple[Slug, ...], Meta(max_length=16)] | None
    motion: NotNegative | None
    within_tolerance: bool | None
    residual_px: NotNegative | None

    def __post_init__(self) -> None:
        numbers = (
            *(self.yaw_deg, self.pitch_deg, self.roll_deg, *(self.offset or ())),
            *(self.scale, self.motion, self.residual_px),
        )
        if not all(number is None or math.isfinite(number) for number in numbers):
            raise ValueError("A measure of the pose is not a finite number")


class ShotRecord(Record, frozen=True, kw_only=True):
    """One accepted picture of one view.

    ``operator`` took it; ``consent`` is the SHA-256 of the consent that allowed the picture;
    ``asked`` are the settings that the protocol wanted, ``applied`` what the camera reported of
    this very frame.

    What older stations could not know is None in their records, whose texts are the same byte for
    byte: no ``match`` before version 2, neither ``operator`` nor ``consent`` before version 3. From
    then on both are there, except of a picture for quality control, which is nobody's.

    Raises:
        ValueError: on construction, if a record has what its version did not know, or lacks what
            it must have.
    """

    version: Literal[1, 2, 3] = 3
    uids: Uids
    patient: PatientReference
    encounter: Text | None = None
    treatment: Text | None = None
    captured_at: Instant
    operator: OperatorReference | None = None
    protocol: Slug
    view: ViewRecord
    series: Series | None = None
    device: DeviceRecord
    asked: ExposureRecord
    applied: ExposureRecord | None
    light_level: Fraction
    image: ImageRecord
    quality_control: bool = False
    consent: Sha256 | None = None
    match: MatchRecord | None = None

    def __post_init__(self) -> None:
        if self.version == 1 and self.match is not None:
            raise ValueError("A record of version 1 has no match")
        people = self.operator, self.consent
        if self.version < _WITH_PEOPLE and people != (None, None):
            raise ValueError(f"A record of version {self.version} has no operator and no consent")
        if self.version >= _WITH_PEOPLE and not self.quality_control and None in people:
            raise ValueError("A record of version 3 names the operator and the consent")


def mint_uid() -> str:
    """Return a new DICOM UID made from a random UUID, ``2.25.<integer>`` (PS3.5 B.2)."""
    return f"2.25.{uuid.uuid4().int}"
