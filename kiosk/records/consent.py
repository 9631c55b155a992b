"""One act of consent: given, changed or withdrawn; the record that everything else is built on.

An act's digest is the SHA-256 of its one JSON form (:func:`kiosk.envelope.bundle.encode_record`).
Each act names the digest of the one before it, so that their order is proven without any clock.
``docs/formats/consent.md`` describes it for readers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Final, Literal

from msgspec import Meta

from kiosk.records.consent_text import (
    RECORD,
    Age,
    Controller,
    Days,
    Language,
    LawfulBasis,
    Level,
    Paragraph,
    PurposeId,
    TextFile,
    Version,
    Years,
)
from kiosk.records.shot import (
    Count,
    Fraction,
    Instant,
    OperatorReference,
    PatientReference,
    Record,
    Sha256,
    Slug,
    Text,
    Uid,
)

MOST_MERGES: Final = 16
MOST_STROKES: Final = 64
MOST_POINTS: Final = 8192
"""Of all strokes together: more than a minute of drawing at 120 points a second."""

Kind = Literal["given", "changed", "withdrawn"]
Day = Annotated[str, Meta(pattern=r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")]
StrokePoint = tuple[Fraction, Fraction, Count]
"""x from the left and y from the top, as fractions of the pad's width and height; milliseconds
since the finger first touched the pad."""
Stroke = Annotated[tuple[StrokePoint, ...], Meta(min_length=1, max_length=MOST_POINTS)]


class Decision(Record, frozen=True, kw_only=True):
    """Yes or no to one purpose.

    Attributes:
        purpose: which.
        allowed: whether pictures may be used for it.
        channels: of a yes: where; of a withdrawal: where no longer, none for everywhere.
    """

    purpose: PurposeId
    allowed: bool
    channels: Annotated[tuple[Slug, ...], Meta(max_length=8)] = ()


class Signer(Record, frozen=True, kw_only=True):
    """Who signed: the patient, or a guardian, who says their name and relation.

    Raises:
        ValueError: on construction, if a guardian's name or relation is missing, or a patient has
            one.
    """

    role: Literal["patient", "guardian"] = "patient"
    name: Text | None = None
    relation: Text | None = None

    def __post_init__(self) -> None:
        given = self.name is not None, self.relation is not None
        if given != ((self.role == "guardian"),) * 2:
            raise ValueError("A guardian, and nobody else, signs with name and relation")

    def __repr__(self) -> str:
        return f"Signer(role={self.role!r})"


class Signature(Record, frozen=True, kw_only=True):
    """Drawn with a finger.

    Attributes:
        strokes: in the order of drawing.
        aspect: width of the pad over its height.

    Raises:
        ValueError: on construction, if there are more than :data:`MOST_POINTS`.
    """

    strokes: Annotated[tuple[Stroke, ...], Meta(min_length=1, max_length=MOST_STROKES)]
    aspect: Annotated[float, Meta(ge=0.1, le=10)]

    def __post_init__(self) -> None:
        if sum(map(len, self.strokes)) > MOST_POINTS:
            raise ValueError("The signature has more points than anybody draws")

    def __repr__(self) -> str:
        return "Signature()"


@dataclass(frozen=True, slots=True)
class ConsentAnswers:
    """What the form on the screen brings: nothing of it is decided for the patient.

    Attributes:
        decisions: one for every purpose of the text, in its order.
        understood: the box was ticked.
        signer: who signed.
        signature: what was drawn.
        born: date of birth, ISO 8601; None where it is not known. The record has it only where an
            age is demanded.
        treatment: name of the text's age rule that applies; None where no age is demanded.
    """

    decisions: tuple[Decision, ...] = field(repr=False)
    understood: bool
    signer: Signer = field(repr=False)
    signature: Signature = field(repr=False)
    born: str | None = field(default=None, repr=False)
    treatment: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Shown:
    """A text and the moment at which the patient had it before them."""

    file: TextFile
    at: Instant


class TextReference(Record, frozen=True, kw_only=True):
    """Which text was shown; ``sha256`` is over the very bytes of its file."""

    id: Slug
    version: Version
    language: Language
    title: Text
    sha256: Sha256


class Terms(Record, frozen=True, kw_only=True):
    """What the text said of one purpose, as numbers; the words are in the text itself."""

    purpose: PurposeId
    level: Level
    retention: Paragraph
    retention_years: Years | None
    valid_days: Days | None


class AgeCheck(Record, frozen=True, kw_only=True):
    """That a treatment's demand on age was met on the day.

    Attributes:
        treatment: name of the text's rule.
        minimum: years that it demands.
        born: date of birth as it was given.
        age: full years on the day of signing, by the station's clock.
        source: the law.

    Raises:
        ValueError: on construction, if the age is below the minimum.
    """

    treatment: Slug
    minimum: Age
    born: Day
    age: Age
    source: Text

    def __post_init__(self) -> None:
        date.fromisoformat(self.born)
        if self.age < self.minimum:
            raise ValueError("The patient is younger than the treatment demands")

    def __repr__(self) -> str:
        return f"AgeCheck(treatment={self.treatment!r})"


class Form(Record, frozen=True, kw_only=True):
    """What was shown and signed.

    Attributes:
        text: which text.
        shown_at: when the patient had it before them.
        understood: the patient confirmed it; nobody signs without.
        signer: who signed.
        signature: strokes.
        picture: SHA-256 of the signature's PNG; None where it was not drawn.
        age: the check of age where the treatment demands one.
        organisation: who asked.
        controllers: everybody else responsible, by name.
        terms: of each purpose.
        lawful_basis: kept apart from consent.
    """

    text: TextReference
    shown_at: Instant
    understood: Literal[True]
    signer: Signer
    signature: Signature
    picture: Sha256 | None
    age: AgeCheck | None
    organisation: Controller
    controllers: tuple[Controller, ...]
    terms: tuple[Terms, ...]
    lawful_basis: LawfulBasis

    def __repr__(self) -> str:
        return f"Form(text={self.text!r})"


class ConsentRecord(Record, frozen=True, kw_only=True):
    """One act in a patient's history.

    Attributes:
        kind: ``given`` by a form where nothing was allowed, ``changed`` by a form where something
            was, ``withdrawn`` without a form.
        patient: whose.
        number: in the patient's history: one more than the highest of the acts it follows, or 1.
        previous: digest of the act that it follows; None where the station knew of none.
        merges: digests of others that it follows, where two stations had gone on from one act.
        station: at which it was done; its signature is in the manifest.
        operator: who took it.
        at: when it was signed or withdrawn.
        session: DICOM Series of the session in which it was done; None outside of one.
        encounter: the clinic's number of the visit, where it is known.
        decisions: of a form one for each purpose; of a withdrawal those taken back, and only those.
        form: None of a withdrawal.

    Raises:
        ValueError: on construction, if fields contradict each other.
    """

    version: Literal[1] = 1
    kind: Kind
    patient: PatientReference
    number: Annotated[int, Meta(ge=1, le=1_000_000)]
    previous: Sha256 | None
    merges: Annotated[tuple[Sha256, ...], Meta(max_length=MOST_MERGES)] = ()
    station: Slug
    operator: OperatorReference
    at: Instant
    session: Uid | None = None
    encounter: Text | None = None
    decisions: Annotated[tuple[Decision, ...], Meta(min_length=1, max_length=5)]
    form: Form | None

    def __post_init__(self) -> None:
        for moment in (self.at, *(() if self.form is None else (self.form.shown_at,))):
            datetime.fromisoformat(moment.wall)
        if (self.number == 1) != (self.previous is None):
            raise ValueError("The first act of a history, and no other, has none before it")
        if self.number == 1 and (self.kind == "changed" or self.merges):
            raise ValueError("The first act of a history has nothing to change or to merge")
        if (self.form is None) != (self.kind == "withdrawn"):
            raise ValueError("A form is signed to give or change consent, and not to withdraw it")
        purposes = [one.purpose for one in self.decisions]
        if len(set(purposes)) != len(purposes):
            raise ValueError("A purpose is decided twice")
        if self.form is None:
            _require_withdrawal(self.decisions)
        else:
            _require_form(self.decisions, self.form)

    def __repr__(self) -> str:
        """Return what a log may show: nothing of the patient."""
        return f"ConsentRecord(kind={self.kind!r}, number={self.number})"


def _require_withdrawal(decisions: tuple[Decision, ...]) -> None:
    if any(one.allowed for one in decisions):
        raise ValueError("A withdrawal allows nothing")


def _require_form(decisions: tuple[Decision, ...], form: Form) -> None:
    if [one.purpose for one in decisions] != [one.purpose for one in form.terms]:
        raise ValueError("A form decides every purpose of its text, in the text's order")
    allowed = {one.purpose for one in decisions if one.allowed}
    if allowed and RECORD not in allowed:
        raise ValueError("Without pictures in the record there is nothing to use them from")
    if any(one.channels and not one.allowed for one in decisions):
        raise ValueError("Only a purpose that is allowed has channels")
