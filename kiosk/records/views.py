"""What a view and a protocol are: frozen values, each with the range that it may have.

Angles are degrees in the picture as recorded (not mirrored): yaw > 0 turns the nose to the right of
the picture, pitch > 0 lowers the chin, roll > 0 tilts the head counter-clockwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

ID: Final = r"^[a-z0-9][a-z0-9_]{0,62}\Z"
ID_WORDS: Final = "small letters, digits and underscores, at most 63"
_PRINTABLE: Final = r"[^\x00-\x1f\x7f-\x9f]*\Z"
_SAID: Final = rf"^(?=.*\S){_PRINTABLE}"
_SAID_OR_EMPTY: Final = rf"^(?=.*\S|\Z){_PRINTABLE}"

Id = Annotated[str, Meta(pattern=ID, description=ID_WORDS)]
Text = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=256,
        pattern=_SAID,
        description="a text of one line, not only blanks",
    ),
]
"""What a shot's record takes as well; a longer one would fail when a picture is to be kept."""
Title = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=36,
        pattern=_SAID,
        description="a text of one line, not only blanks",
    ),
]
Short = Annotated[
    str,
    Meta(min_length=1, max_length=14, pattern=_SAID, description="a few letters, not only blanks"),
]
Sentences = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=128,
        pattern=_SAID,
        description="sentences on one line, not only blanks",
    ),
]
"""As much as the screen has room for."""
Note = Annotated[
    str,
    Meta(
        max_length=128,
        pattern=_SAID_OR_EMPTY,
        description="sentences on one line, not only blanks",
    ),
]
Degrees = Annotated[float, Meta(ge=-180.0, le=180.0)]
Slack = Annotated[float, Meta(gt=0.0, le=45.0)]
Millimetres = Annotated[float, Meta(ge=20.0, le=3000.0)]
"""Of what lies in a picture: less than an eye's width is told of no patient from a station's
distance, more than a tall person with arms raised of nobody."""
Fraction = Annotated[float, Meta(gt=0.0, le=1.0)]
Scheme = Literal["SCT", "99CAPST", "99CLINIC"]
"""SNOMED CT, this product's own codes, a clinic's own (DICOM keeps 99… for private use)."""
Method = Literal["face", "profile", "body", "none"]
Use = Literal["view", "region", "expression"]


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One table of a data file; subclasses repeat the options because type checkers ask for it."""


class Code(Record, frozen=True, kw_only=True):
    """One coded meaning, in the three parts that DICOM and FHIR both use.

    ``use`` says which key of a view the code is for; None: nobody said so.
    """

    scheme: Scheme
    value: Text
    meaning: Text
    use: Use | None = None


class Pose(Record, frozen=True, kw_only=True):
    """Where the head (or body) should point, degrees; the module says which way is positive.

    Each is stated: a yaw that was forgotten would turn a side view to the front.
    """

    yaw: Degrees
    pitch: Degrees
    roll: Degrees


class Tolerance(Record, frozen=True, kw_only=True):
    """How far off a shot may be, one figure for each measure.

    Attributes:
        yaw, pitch, roll: degrees, to either side.
        position: fraction of the picture's height, in any direction.
        scale: fraction of the wanted size.
        stillness: fractions of the picture's height per second.
        proposed: whether a clinician has yet to confirm it.
    """

    yaw: Slack
    pitch: Slack
    roll: Slack
    position: Fraction
    scale: Fraction
    stillness: Fraction
    proposed: bool = False


class Described(Record, frozen=True, kw_only=True):
    """What a view says of itself; the rest it takes by name from the library."""

    title: Title
    short: Short
    instruction: Sentences
    operator_note: Note = ""
    shows_side: Literal["both", "left", "right", "back"]
    patient_turns: Literal["none", "left", "right", "around"]
    dicom_orientation: Annotated[
        str, Meta(pattern=r"^[APLRHF]{1,3}\\[APLRHF]{1,3}\Z", description=r"letters such as L\F")
    ]
    pose: Pose | None = None
    framing_mm: tuple[Millimetres, Millimetres]
    light: Literal["even"]
    silhouette: Id
    method: Method
    proposed: tuple[str, ...] = ()


class View(Described, frozen=True, kw_only=True):
    """One picture of a set.

    ``shows_side`` (which side of the patient the picture shows) and ``patient_turns`` (which way
    the patient turns to get there, the patient's own left or right) are both stated and never
    derived from each other: published protocols contradict one another about it.

    Attributes:
        id: stable name, used in records and file names.
        title: what the screen calls it.
        short: the same for the narrow progress strip.
        instruction: what the patient must do, in words to the patient; shown, never spoken.
        operator_note: what the operator checks before the pedal; may be empty.
        code: of the view.
        region: of the body part.
        expression: of the face; None where the face does not matter.
        dicom_orientation: Patient Orientation (0020,0020), row then column.
        pose: nominal direction; None where no figure means anything.
        framing_mm: width and height of the field that must lie in the picture.
        light: name of the lighting preset.
        silhouette: name of the guide drawn over the preview.
        method: what the station judges the pose by: landmarks of the face, the outline of the
            profile, joints of the body; ``none`` where it cannot and the operator's eye must.
        tolerance: how far off a shot may be.
        proposed: names of the fields whose values a clinician has yet to confirm, the tolerance
            among them wherever it is a proposed one.
    """

    id: Id
    code: Code
    region: Code
    expression: Code | None = None
    tolerance: Tolerance


class Protocol(Record, frozen=True, kw_only=True):
    """An ordered set of views; ``source`` says who published it."""

    name: Id
    title: Title
    source: Text
    views: Annotated[tuple[View, ...], Meta(min_length=1)]


@dataclass(frozen=True, slots=True)
class Library:
    """Everything that views and protocols may name; without arguments: nothing."""

    codes: Mapping[str, Code] = field(default_factory=dict)
    tolerances: Mapping[str, Tolerance] = field(default_factory=dict)
    views: Mapping[str, View] = field(default_factory=dict)
